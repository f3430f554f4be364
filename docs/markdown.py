"""Small pieces of Markdown."""

from collections.abc import Iterable, Sequence

MADE = "<!-- Made by `make docs` from the code; do not edit. -->"


def page(title: str, *parts: str) -> str:
    """A page that says it is generated; empty parts are left out."""
    return "\n\n".join([f"# {title}", MADE, *(part.strip("\n") for part in parts if part)]) + "\n"


def cell(text: object) -> str:
    """A text in one cell of a table.

    >>> cell("a | b\\nc")
    'a \\\\| b c'
    """
    return " ".join(str(text).split()).replace("|", "\\|")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; empty when there are no rows."""
    lines = [f"| {' | '.join(map(cell, row))} |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(head)} |", "|" + "---|" * len(head), *lines])


def code(value: object) -> str:
    """A value as code; nothing for an empty one."""
    return f"`{value}`" if str(value) else ""


def words(values: Iterable[object]) -> str:
    """Values as code, with commas between."""
    return ", ".join(code(value) for value in values)


def plain(docstring: str | None) -> str:
    """A docstring as Markdown: its double backquotes and examples are left out, its paragraphs kept."""
    paragraphs = "\n".join(line.strip() for line in (docstring or "").strip().splitlines()).split("\n\n")
    return "\n\n".join(text for text in paragraphs if not text.startswith(">>>"))
