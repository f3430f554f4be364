"""Where commands write: machine output to stdout as JSON lines, everything for people to stderr."""

import atexit
import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape

from scoring.document import DocumentError

EXIT_PROBLEMS = 1
"""What was asked about is not as it ought to be: a check or a test found something."""

EXIT_REFUSED = 2
"""The command could not be carried out as given: bad configuration, arguments or input."""

people = Console(stderr=True)


def say(row: dict[str, Any]) -> None:
    """One JSON line on stdout, at once: whoever reads the pipe waits for it."""
    sys.stdout.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def log(level: str) -> None:
    """Log to stderr from now on. A log that has no room loses lines, and changes no exit code."""
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    atexit.register(_let_go)


def _let_go() -> None:
    """Else Python itself ends with 120 for what stderr did not take."""
    try:
        sys.stderr.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stderr.fileno())
        os.close(nowhere)


@contextmanager
def refusing() -> Iterator[None]:
    """Turn a bad configuration into its problems, a line each, and exit code 2."""
    try:
        yield
    except DocumentError as found:
        show_problems(found)
        raise typer.Exit(EXIT_REFUSED) from None


def note(text: str) -> None:
    """A line that people should know of, and that changes nothing about the command's success."""
    line("[yellow]note[/]", text)


def error(text: object) -> None:
    """A line that says why the command can't be carried out."""
    line("[red]error[/]", text)


def line(mark: str, text: object) -> None:
    """A line for people. What looks like markup in `text`, which quotes files and events, is part of it."""
    people.print(mark, escape(str(text)), highlight=False, soft_wrap=True)


def show_problems(found: DocumentError) -> None:
    """A line for each problem of a document."""
    for problem in found.problems:
        error(problem)
