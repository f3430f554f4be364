"""Which modules may be compiled to machine code, and whether those that are still say what their source says.

Compiled modules stand beside their source, and Python prefers them; without them the source runs, with the same results
and slower. They are made by deploy/compiled.py.
"""

from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

ROOT = Path(__file__).parents[1]
"""What the packages lie in."""

MODULES = (
    "scoring/account.py", "scoring/days.py", "scoring/event.py", "scoring/layout.py", "scoring/standing.py",
    "scoring/weighing.py", "scoring/cells/cell.py", "scoring/cells/days.py", "scoring/cells/entities.py",
    "scoring/cells/items.py", "scoring/cells/key.py", "scoring/cells/newest.py", "scoring/cells/span.py",
    "scoring/cells/subscriptions.py", "scoring/cells/sums.py", "plays/conjunct.py", "plays/engine.py",
    "plays/episode.py", "plays/kept.py", "plays/outlook.py", "plays/watch.py", "scorecard/book.py",
    "scorecard/cohort.py", "scorecard/folding.py", "scorecard/ledger.py", "scorecard/money.py", "scorecard/rates.py",
    "scorecard/reading.py", "scorecard/revenue.py", "scorecard/sheet.py", "scorecard/subscription.py",
    "scorecard/traits.py", "scorecard/model/figure.py", "scorecard/model/intake.py", "scorecard/model/ledger.py",
    "streams/agenda.py", "streams/kafka/grouped.py", "streams/kafka/holding.py",
    "streams/kafka/partition.py", "streams/replay.py", "streams/usual.py",
)  # fmt: skip
"""What most of an event's time is spent in, without what gains nothing and without types that msgspec decodes into: of
an optional field of a compiled named tuple it can't tell the type."""

LIST = "streams/compiled.py"
"""This file: a list that changed is a reason to compile anew."""

SUFFIX = EXTENSION_SUFFIXES[0]
"""How this Python's own machine code is named."""

SHARED = f"accountpulse__mypyc{SUFFIX}"
"""The code itself: the files beside the sources only name it."""


def machine_code(module: str, root: Path = ROOT) -> Path:
    """Where the compiled form of a module stands, or would."""
    return root / (module.removesuffix(".py") + SUFFIX)


def is_compiled(root: Path = ROOT) -> bool:
    """Whether machine code runs here, for this Python."""
    return (root / SHARED).exists()


def outdated(root: Path = ROOT) -> list[str]:
    """The modules whose source is newer than their compiled form, or lacks it; none where nothing is compiled."""
    if not is_compiled(root):
        return []
    made = (root / SHARED).stat().st_mtime
    lacking = [module for module in MODULES if not machine_code(module, root).exists()]
    return lacking + [source for source in (LIST, *MODULES) if (root / source).stat().st_mtime > made]
