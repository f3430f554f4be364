"""Writes what can be known from the code: docs/reference/ for readers, schemas/ for editors.

python -m docs.generate            write what differs
python -m docs.generate --check    change nothing; exit code 1 and the differences when something is out of date
"""

import difflib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from docs import alerts, answers, figures, pages, schemas, views

CHECKOUT = Path(__file__).resolve().parent.parent

MADE: dict[str, Callable[[], str]] = {
    "docs/reference/alerts.md": alerts.alerts,
    "docs/reference/answers.md": answers.answers,
    "docs/reference/catalogue.md": figures.catalogue,
    "docs/reference/cli.md": pages.cli,
    "docs/reference/http.md": pages.http,
    "docs/reference/metrics.md": pages.metrics,
    "docs/reference/plays.md": pages.plays,
    "docs/reference/profile.md": pages.profile,
    "docs/reference/prometheus.md": pages.prometheus,
    "docs/reference/scorecard.md": figures.scorecard,
    "docs/reference/sql.md": views.sql,
    "docs/reference/vocabulary.md": pages.vocabulary,
    "schemas/cases.schema.json": schemas.cases,
    "schemas/cohort_plays.schema.json": schemas.cohort_plays,
    "schemas/plays.schema.json": schemas.plays,
    "schemas/profile.schema.json": schemas.profile,
    "schemas/scorecard.schema.json": schemas.scorecard,
    "schemas/vocabulary.schema.json": schemas.vocabulary,
}
"""Path in the checkout -> what it must hold."""


def differences(path: Path, made: str) -> list[str]:
    """How a file differs from what it must hold."""
    now = path.read_text(encoding="utf-8") if path.exists() else ""
    name = str(path.relative_to(CHECKOUT))
    found = difflib.unified_diff(now.splitlines(), made.splitlines(), name, f"{name} by the code", lineterm="")
    return list(found)


def main(arguments: Sequence[str]) -> int:
    """Exit code 0 when all is up to date in the end."""
    check = "--check" in arguments
    stale = 0
    for name, make in MADE.items():
        path, made = CHECKOUT / name, make()
        found = differences(path, made)
        stale += bool(found)
        if check:
            print("\n".join(found), file=sys.stderr, end="\n" if found else "")
        elif found:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made, encoding="utf-8")
            print(f"wrote {name}", file=sys.stderr)
    if check and stale:
        print(f"{stale} of {len(MADE)} files are out of date: run `make docs`", file=sys.stderr)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
