"""What of the operational scorecard is no single figure, as people read it: features, stages, signs, accounts."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from scorecard.report.drill import Account
from streams.scorecard.shown import NONE, money

FEATURES_SHOWN_MAX = 15
"""On the terminal; --json has more."""

Json = dict[str, Any]


def show(out: Console, found: Json) -> None:
    """Features (A3), products (X3), the journey (O5), and how well signs foretold (L1)."""
    features = Table("feature", title="Features, by the accounts that use them (A3)", title_justify="left")
    for heading in ("accounts", "of active ones", "users", "of all"):
        features.add_column(heading, justify="right")
    for one in found["features"][:FEATURES_SHOWN_MAX]:
        features.add_row(
            one["feature"],
            f"{one['accounts']:,}",
            _share(one["of_accounts"]),
            f"{one['users']:,}",
            _share(one["of_users"]),
        )
    out.print(features)
    products = Table("products held", title="Accounts by how many products they hold (X3)", title_justify="left")
    for heading in ("accounts", "of active ones"):
        products.add_column(heading, justify="right")
    for one in found["products"]:
        products.add_row(f"{one['products']:,}", f"{one['accounts']:,}", _share(one["of_accounts"]))
    out.print(products)
    stages = Table("stage", title="Journey (O5)", title_justify="left")
    for heading in ("accounts", "mean days"):
        stages.add_column(heading, justify="right")
    for heading in ("key moments", "steered by"):
        stages.add_column(heading)
    for one in found["stages"]:
        days = NONE if one["mean_days"] is None else f"{one['mean_days']:.0f}"
        steered = ", ".join(metric["id"] for metric in one["metrics"])
        stages.add_row(one["stage"], f"{one['accounts']:,}", days, ", ".join(one["moments"]), steered)
    out.print(stages)
    _signs(out, found["foretold"])


def _signs(out: Console, found: Sequence[Json]) -> None:
    table = Table(
        "sign", "outcome", title="Signs of the period before, and what came of them (L1)", title_justify="left"
    )
    for heading in ("with the sign", "without it", "p"):
        table.add_column(heading, justify="right")
    for one in found:
        shares = (f"{_share(arm['share'])} of {arm['n']:,}" for arm in (one["with_it"], one["without_it"]))
        table.add_row(one["sign"], one["outcome"], *shares, NONE if one["p"] is None else f"{one['p']:.3f}")
    out.print(table)


def _share(value: float | None) -> str:
    return NONE if value is None else f"{100 * value:.1f} %"


def show_accounts(out: Console, found: Sequence[Account], title: str, currency: str) -> None:
    """Accounts of a cohort with what each adds, its owner and what is to be done."""
    table = Table("account", "owner", title=title, title_justify="left")
    for heading in ("start", "end", "change"):
        table.add_column(heading, justify="right")
    for heading in ("open plays", "next action"):
        table.add_column(heading)
    for one in found:
        sheet = one.member.sheet
        table.add_row(
            one.member.entity, one.owner or NONE, money(sheet.start, currency), money(sheet.total_end, currency),
            money(sheet.total_end - sheet.start, currency), ", ".join(task.title for task in one.tasks),
            one.tasks[0].action if one.tasks else "",
        )  # fmt: skip
    out.print(table)
