"""`accountpulse tail` and `accountpulse dead-letters`: what the Kafka runtime put out."""

import json
from enum import StrEnum
from typing import Annotated

import typer

from streams import console
from streams.commands.options import VocabularyFile, configured
from streams.commands.topics import SettingsFile, kafka

dead_letters_app = typer.Typer(help="Dead letters: what was refused on its way in by Kafka.", no_args_is_help=True)


class Output(StrEnum):
    """What there is to read."""

    TRIGGERS = "triggers"
    SCORES = "scores"
    DEAD_LETTERS = "dead-letters"


def tail(
    output: Annotated[Output, typer.Argument(help="Which of the outputs.")],
    kafka_settings: SettingsFile = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until stopped.")] = False,
    last: Annotated[
        int | None, typer.Option(help="Only so many of the newest of each partition; without it, all.", min=0)
    ] = None,
) -> None:
    """Print triggers, scores or dead letters from Kafka, a JSON line each."""
    with kafka(kafka_settings) as settings:
        from streams.kafka.reading import messages
        from streams.kafka.topics import DEAD_LETTERS, HEALTH, TRIGGERS

        topic = {Output.TRIGGERS: TRIGGERS, Output.SCORES: HEALTH, Output.DEAD_LETTERS: DEAD_LETTERS}[output]
        try:
            for message in messages(settings, settings.prefix + topic, follow=follow, last=last):
                if message.value is not None:
                    console.say(json.loads(message.value))
        except KeyboardInterrupt:
            raise typer.Exit from None


@dead_letters_app.command("retry")
def retry_dead_letters(
    reason: Annotated[str, typer.Option(help="Which ones: their reason, as it stands in them.")],
    kafka_settings: SettingsFile = None,
    vocabulary: VocabularyFile = None,
) -> None:
    """Send dead letters again that are sound by now, each once. Prints a JSON line for each; exit code 1 when some are
    refused again.
    """
    configuration = configured(None, None, vocabulary)
    with kafka(kafka_settings) as settings:
        from streams.dead_letter import REASONS
        from streams.kafka.retry import retry

        if reason not in REASONS:
            console.people.print(f"error: reason {reason!r}; allowed: {', '.join(REASONS)}", markup=False)
            raise typer.Exit(console.EXIT_REFUSED)
        refused = 0
        for retried in retry(settings, configuration.vocabulary, reason):
            console.say(retried._asdict())
            refused += not retried.sent
    if refused:
        raise typer.Exit(console.EXIT_PROBLEMS)
