"""`accountpulse simulate`: histories to try things out on."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from streams import console
from streams.simulate.bulk import bulk
from streams.simulate.scenario import ACCOUNTS, DAYS, END, SEED, write_scenario
from streams.simulate.scorecard import scorecard_text


def simulate(
    out: Annotated[Path | None, typer.Option(help="Write the messages here. Default: standard output.")] = None,
    truth: Annotated[Path | None, typer.Option(help="Write what is planted here, a JSON line per account.")] = None,
    scorecard: Annotated[
        Path | None, typer.Option(help="Write a scorecard here (YAML) that has a rate for every currency in it.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = SEED,
    accounts: Annotated[int, typer.Option(help="Accounts.")] = ACCOUNTS,
    days: Annotated[int, typer.Option(help="Days of history.")] = DAYS,
    end: Annotated[str, typer.Option(help="The day after the last one, such as 2026-01-01.")] = END.isoformat(),
    bulk_events: Annotated[
        int | None, typer.Option("--bulk", help="So many events, nearly all usage and no stories: for measuring speed.")
    ] = None,
    lift: Annotated[
        float | None,
        typer.Option(help="A planted lift of NRR by exposure instead, such as 0.06, with a confounder: revenue only."),
    ] = None,
) -> None:
    """Write a seeded history: a year of accounts on all five streams, with planted stories. Segment messages, JSON
    lines.
    """
    if lift is not None and bulk_events is not None:
        raise typer.BadParameter("--lift and --bulk: one of them at most")
    try:
        until = date.fromisoformat(end)
    except ValueError:
        raise typer.BadParameter(f"--end {end!r} is no date such as 2026-01-01") from None
    truth_out = truth.open("w", encoding="utf-8") if truth else None
    if scorecard:
        scorecard.write_text(scorecard_text(), encoding="utf-8")
    target = out.open("wb") if out else sys.stdout.buffer
    try:
        if lift is not None:
            from streams.simulate.lift import write_lift

            messages, planted = write_lift(target, truth_out, seed=seed, accounts=accounts, lift=lift, end=until), 0
        elif bulk_events is None:
            messages, planted = write_scenario(target, truth_out, seed=seed, accounts=accounts, days=days, end=until)
        else:
            messages, planted = 0, 0
            for line in bulk(seed, accounts, bulk_events, days, until):
                target.write(line + b"\n")
                messages += 1
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    finally:
        target.flush()
        if out:
            target.close()
        if truth_out:
            truth_out.close()
    console.people.print(
        f"{messages:,} messages of {accounts:,} accounts, {planted} accounts with their story told", highlight=False
    )
