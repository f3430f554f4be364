"""The command line: `accountpulse COMMAND`."""

import typer

from streams.commands.attribution import attribution
from streams.commands.check import plays_app, profile_app, vocabulary_app
from streams.commands.configuration import configuration_app
from streams.commands.demo import demo
from streams.commands.explain import explain
from streams.commands.forecast import forecast
from streams.commands.init import init
from streams.commands.issues import issues
from streams.commands.metrics import metrics
from streams.commands.nrr import nrr
from streams.commands.reconcile import reconcile
from streams.commands.replay import replay
from streams.commands.scorecard import scorecard_app
from streams.commands.serve import serve
from streams.commands.simulate import simulate
from streams.commands.tail import dead_letters_app, tail
from streams.commands.topics import topics_app
from streams.commands.worker import worker
from streams.compiled import outdated

app = typer.Typer(
    help="Live, explained health scores for customer accounts, and plays that start once when a threshold is crossed.",
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
)  # fmt: skip


@app.callback()
def current() -> None:
    """Refuse to run what was compiled of older sources."""
    if old := outdated():
        typer.echo(
            f"accountpulse: {old[0]} is newer than what was compiled of it: run `make compiled`, or `make interpreted`",
            err=True,
        )
        raise typer.Exit(2)


for command in (
    demo,
    simulate,
    replay,
    serve,
    worker,
    tail,
    explain,
    init,
    nrr,
    attribution,
    forecast,
    issues,
    metrics,
    reconcile,
):
    app.command()(command)
app.add_typer(profile_app, name="profile")
app.add_typer(plays_app, name="plays")
app.add_typer(vocabulary_app, name="vocabulary")
app.add_typer(scorecard_app, name="scorecard")
app.add_typer(topics_app, name="topics")
app.add_typer(configuration_app, name="configuration")
app.add_typer(dead_letters_app, name="dead-letters")
