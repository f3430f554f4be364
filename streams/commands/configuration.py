"""`accountpulse configuration`: what all workers of a Kafka cluster run, changed while they run."""

from typing import Annotated

import typer

from scoring.days import iso
from streams import console
from streams.commands.options import PlaysFile, ProfileFile, VocabularyFile
from streams.commands.rebuild import switched
from streams.commands.topics import SettingsFile, kafka
from streams.configuration import load, read, texts_of

configuration_app = typer.Typer(help="Configuration of the workers on Kafka, while they run.", no_args_is_help=True)


@configuration_app.command("publish")
def publish_configuration(
    profile: ProfileFile = None,
    plays: PlaysFile = None,
    vocabulary: VocabularyFile = None,
    kafka_settings: SettingsFile = None,
) -> None:
    """Have all workers go on under these files, now and whenever they start. What can't be used is not sent: exit code
    2, and every problem with file, line, key and value. All of the plays must fit the profile, the shipped ones too.
    Prints a JSON line about what was sent.
    """
    with console.refusing():
        texts = texts_of(profile, plays, vocabulary)
        configuration = read(texts)
    with kafka(kafka_settings) as settings:
        from streams.kafka.publication import RefusedError
        from streams.kafka.publishing import publish

        try:
            position = publish(settings, texts, configuration.profile)
        except RefusedError as error:
            console.people.print(f"error: {error}", markup=False, soft_wrap=True)
            raise typer.Exit(console.EXIT_REFUSED) from None
        console.say(
            {
                "position": position, "digest": texts.digest, "profile": configuration.profile.label,
                "plays": configuration.playbook.version,
            }
        )  # fmt: skip


@configuration_app.command("switch")
def switch_configuration(
    namespace: Annotated[
        str, typer.Option(metavar="NAME", help="Records of `accountpulse replay --from-kafka --into-namespace NAME`.")
    ],
    kafka_settings: SettingsFile = None,
) -> None:
    """Have all workers go on from rebuilt records, under the profile, the plays and the vocabulary that these were
    rebuilt under: one message. What was published stays: episodes with their numbers, bands, score history; so nothing
    fires twice. Prints a JSON line about what was sent. Exit code 2 when the namespace is not complete.
    """
    with kafka(kafka_settings) as settings:
        said = switched(settings, namespace)
    console.say(said)


@configuration_app.command("show")
def show_configuration(kafka_settings: SettingsFile = None) -> None:
    """Print a JSON line with the texts of everything that was published, oldest first; `runs` is true for the one that
    workers use, and `refused` says why a newer one is not.
    """
    with kafka(kafka_settings) as settings:
        from streams.kafka.editions import newest

        found = newest(settings, load().profile)
        for one in found.published:
            console.say(
                {
                    "position": one.position, "at": iso(one.at), "runs": one is found.chosen, "refused": one.refused,
                    "message": one.value.decode(errors="replace"),
                }
            )  # fmt: skip
