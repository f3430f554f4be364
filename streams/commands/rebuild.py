"""`accountpulse replay --from-kafka`: the workers' records made anew from the topics, and compared."""

import asyncio
import logging
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from scoring.days import iso
from streams import console
from streams.commands.topics import kafka, refuse_unfit
from streams.configuration import Texts, load, read, texts_of

if TYPE_CHECKING:
    from streams.kafka.rebuild import Plan, Result
    from streams.kafka.settings import Settings

Files = tuple[Path | None, Path | None, Path | None]
"""Profile, plays, vocabulary."""


class Wanted(NamedTuple):
    """What was asked for."""

    name: str
    """Of the namespace."""

    since: float | None
    """Unix seconds."""

    switch: bool


def rebuild(wanted: Wanted, files: Files, kafka_settings: Path | None) -> None:
    """Rebuild, compare, say what was found, and switch over if that was asked for and nothing differs."""
    with kafka(kafka_settings) as settings:
        from streams.kafka import administration
        from streams.kafka.namespace import name_problem
        from streams.kafka.rebuild import Plan
        from streams.kafka.topics import namespace

        logging.getLogger("kafka").setLevel(logging.ERROR)  # tells of every step
        if problem := name_problem(wanted.name):
            _refuse(problem)
        refuse_unfit(settings)
        with console.refusing():
            texts = _texts(settings, files)
            configuration = read(texts)
        topic = namespace(settings, wanted.name)
        administration.create(settings, [topic])
        for mismatch in administration.check(settings, [topic]):
            _refuse(mismatch.reason)
        result = _run(settings, Plan(wanted.name, texts, configuration, wanted.since))
        found = result.comparison
        said: dict[str, Any] = {
            "namespace": wanted.name, "since": None if wanted.since is None else iso(wanted.since),
            "profile": configuration.profile.label, "messages": result.messages, "refused": result.refused,
            "accounts": result.accounts, "same": found.same, "different": found.different, "missing": found.missing,
            "only_rebuilt": found.only_rebuilt, "behind": found.behind, "examples": found.examples, "switch": None,
        }  # fmt: skip
        if wanted.switch and found.agrees:
            said["switch"] = switched(settings, wanted.name)["position"]
    console.say(said)
    if not found.agrees:
        console.note("live and rebuilt records differ" + ("; nothing is switched over" if wanted.switch else ""))
        raise typer.Exit(console.EXIT_PROBLEMS)


def switched(settings: "Settings", name: str) -> dict[str, Any]:
    """Have all workers go on from a namespace; what was published. Exit code 2, with the reason, when they can't."""
    from streams.kafka.publication import RefusedError
    from streams.kafka.publishing import switch

    logging.getLogger("kafka").setLevel(logging.ERROR)
    try:
        position, published = switch(settings, name)
    except RefusedError as error:
        _refuse(str(error))
    configuration = read(published.texts)
    return {
        "position": position, "digest": published.digest, "namespace": name, "profile": configuration.profile.label,
        "plays": configuration.playbook.version,
    }  # fmt: skip


def _texts(settings: "Settings", files: Files) -> Texts:
    """Those of the files; if there are none, those that the workers run, if something was published."""
    from streams.kafka.editions import newest
    from streams.kafka.publication import decode

    if not any(files):
        chosen = newest(settings, load().profile).chosen
        if chosen is not None:
            return decode(chosen.value).texts
    return texts_of(*files)


def _run(settings: "Settings", plan: "Plan") -> "Result":
    """Rebuild, with its progress on the terminal; exit code 2 when somebody is in the way."""
    from aiokafka.errors import KafkaError as AIOKafkaError
    from kafka.errors import KafkaError

    from streams.kafka.changelog import ClaimedByOtherError
    from streams.kafka.publication import RefusedError
    from streams.kafka.rebuild import Rebuild

    columns = (TextColumn("rebuild"), BarColumn(), MofNCompleteColumn(), TextColumn("messages"), TimeElapsedColumn())
    with Progress(*columns, console=console.people, transient=True) as bar:
        task = bar.add_task("rebuild", total=None)

        def told(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        try:
            return asyncio.run(Rebuild(settings, plan, f"{socket.gethostname()}:{os.getpid()}", told).run())
        except RefusedError as error:
            _refuse(str(error))
        except (KafkaError, AIOKafkaError) as error:  # not 1, which would say that records differ
            _refuse(f"the brokers do not answer as they must: {type(error).__name__}: {error}; start it again")
        except ClaimedByOtherError:
            _refuse(f"somebody else has begun to rebuild namespace {plan.name!r} since, and goes on")


def _refuse(why: str) -> NoReturn:
    console.people.print(f"error: {why}", markup=False, soft_wrap=True)
    raise typer.Exit(console.EXIT_REFUSED)
