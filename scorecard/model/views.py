"""The views of the read model: what people and their tools read, under names that stay.

Each is written once; only how a day and an instant become a date differs between SQLite and PostgreSQL. Money is in
minor units of the reporting currency (see v_settings), so that it stays exact; ratios are for showing, and NULL where
there is nothing to divide by. Sheets are there of the periods that are kept: those that anybody asked for.
"""

# ruff: noqa: S608 - all of it is written in this file

from collections.abc import Iterator

from scorecard.model.noted_views import NOTED_VIEWS
from scorecard.model.terms import COHORTS
from scorecard.model.view import View
from scorecard.movement import Kind
from scorecard.sheet import Sheet

_SHEET = ", ".join(f's."{name}"' for name in Sheet._fields)

_RATIOS = (
    's."n_start", s."start", s."end", s."kept", s."total_end",'
    ' 1.0 * s."end" / NULLIF(s."start", 0) AS nrr, 1.0 * s."kept" / NULLIF(s."start", 0) AS grr,'
    ' 1.0 * s."n_retained" / NULLIF(s."n_start", 0) AS logo_retention'
)

_BARS = ", ".join(
    f's."{name}"'
    for name in ("start", "new", "reactivation", "upsell", "cross_sell", "usage", "contraction", "churn", "fx")
)

_UNPIVOTED = " UNION ALL ".join(
    f"SELECT period, entity, '{kind.value}' AS kind, \"{kind.value}\" AS cents FROM figures WHERE product = ''"
    for kind in Kind
)

_PERIOD = "p.label AS period, {day:p.first_day} AS first_day, {day:p.end_day} AS end_day"

_SHEETS = "FROM cells s JOIN periods p ON p.id = s.period WHERE p.known_at IS NULL"

_MONTHS = _SHEETS + " AND p.calendar = 'month'"
_QUARTERS = _SHEETS + " AND p.calendar = 'quarter'"
_ALL = " AND s.dimension = ''"

_LINE = (
    "a.account_id, e.account_id AS entity, p.product, p.subscription_id, p.kind, {day:p.day} AS day, p.cents,"
    " p.currency, p.native, p.message_id, {instant:p.known_at} AS known_at"
)
_OF_ACCOUNT = "JOIN accounts a ON a.id = p.account JOIN accounts e ON e.id = a.entity"

VIEWS = (
    View(
        "v_movements",
        "Movements of recurring revenue as they are known now, and whether a touchpoint of its entity came before each."
        " kind: seen from the account by itself; cents: at the rate of the day. What waterfalls count otherwise is in"
        " v_differences.",
        f"SELECT p.id, {_LINE}, CASE WHEN EXISTS (SELECT 1 FROM touchpoints t JOIN accounts o ON o.id = t.account"
        " WHERE o.entity = a.entity AND t.at < p.day * 86400.0 AND t.at >= (p.day - (SELECT CAST(value AS INTEGER)"
        " FROM meta WHERE key = 'exposure_days')) * 86400.0 AND EXISTS (SELECT 1 FROM exposing x"
        " WHERE x.programme IN ('', t.programme))) THEN 1 ELSE 0 END AS exposed"
        f" FROM postings p {_OF_ACCOUNT}"
        " WHERE p.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM postings r WHERE r.reverses = p.id)",
    ),
    View(
        "v_differences",
        "Where the bars of an entity's waterfall in a period are others than the sums of its v_movements: bar = ledger"
        " + difference. Merged accounts are one there, and money is at the rates of the day before the period.",
        f"SELECT {_PERIOD}, e.account_id AS entity, s.kind, COALESCE(m.cents, 0) AS ledger, s.cents AS bar,"
        f" s.cents - COALESCE(m.cents, 0) AS difference FROM ({_UNPIVOTED}) s JOIN periods p ON p.id = s.period"
        " JOIN accounts e ON e.id = s.entity LEFT JOIN (SELECT q.id AS period, a.entity, l.kind, SUM(l.cents) AS cents"
        " FROM periods q JOIN postings l ON l.day >= q.first_day AND l.day < q.end_day"
        " JOIN accounts a ON a.id = l.account GROUP BY q.id, a.entity, l.kind) m"
        " ON m.period = s.period AND m.entity = s.entity AND m.kind = s.kind"
        " WHERE p.known_at IS NULL AND s.cents <> COALESCE(m.cents, 0)",
    ),
    View(
        "v_ledger",
        "Every posting, those that turned out wrong and their reversals included: sum what was known by an instant.",
        f"SELECT p.id, {_LINE}, p.reverses FROM postings p {_OF_ACCOUNT}",
    ),
    View(
        "v_accounts",
        "Accounts, and the account that stands for each.",
        "SELECT a.account_id, e.account_id AS entity, a.merged_into, a.parent"
        " FROM accounts a JOIN accounts e ON e.id = a.entity",
    ),
    View(
        "v_traits",
        "What was said of accounts, and since when it holds.",
        "SELECT a.account_id, t.name AS trait, t.value, {instant:t.at} AS since, t.message_id,"
        " {instant:t.known_at} AS known_at FROM traits t JOIN accounts a ON a.id = t.account",
    ),
    View(
        "v_touchpoints",
        "Contacts of persons with programmes of customer-led growth.",
        "SELECT a.account_id, e.account_id AS entity, t.contact, t.programme, {instant:t.at} AS at, t.message_id"
        " FROM touchpoints t JOIN accounts a ON a.id = t.account JOIN accounts e ON e.id = a.entity",
    ),
    View(
        "v_issues",
        "What was wrong with events; settled_at: when something that arrived later put it right.",
        "SELECT i.id, a.account_id, i.message_id, i.reason, i.field, i.value, i.message,"
        " {instant:i.known_at} AS known_at, {instant:i.settled_at} AS settled_at"
        " FROM issues i JOIN accounts a ON a.id = i.account",
    ),
    View(
        "v_restatements",
        "What late data changed of periods that were over; changes: field, before and after, as JSON; message_id: the"
        " newest event that made it, of so many messages.",
        "SELECT r.id, p.label AS period, e.account_id AS entity, {instant:r.known_at} AS known_at, r.changes,"
        " r.message_id, r.messages"
        " FROM restatements r JOIN periods p ON p.id = r.period JOIN accounts e ON e.id = r.entity",
    ),
    View(
        "v_sheets",
        "Every field of every sheet, by period, dimension and its value; dimension '' is everybody.",
        f"SELECT {_PERIOD}, s.dimension, s.value, {_SHEET} {_SHEETS}",
    ),
    View(
        "v_counts",
        "What is counted beside sheets, by period, dimension and its value: moves and exposed (C1), expansions and"
        " credited (C6), first/<days> and next/<days> (X5); of all days (`ever`): accounts, touched, contacts (C2).",
        f"SELECT {_PERIOD}, s.dimension, s.value, s.name, s.\"count\" FROM totals s JOIN periods p ON p.id = s.period"
        f" WHERE p.known_at IS NULL AND s.\"count\" <> 0 AND s.dimension <> '{COHORTS}'",
    ),
    View(
        "v_entities",
        "The sheet of every entity in a period; the part that is of one product where product is not ''.",
        f"SELECT {_PERIOD}, e.account_id AS entity, s.product, s.cohort, {_SHEET} FROM figures s"
        " JOIN periods p ON p.id = s.period JOIN accounts e ON e.id = s.entity WHERE p.known_at IS NULL",
    ),
    View(
        "v_cohorts",
        "The values of the dimensions by which a cohort of v_entities is one.",
        "SELECT cohort, dimension, value FROM cohort_values",
    ),
    View(
        "v_nrr_by_month",
        "NRR (R3), GRR (R2) and logo retention (R1) of everybody, by calendar month.",
        f"SELECT {_PERIOD}, {_RATIOS} {_MONTHS}{_ALL}",
    ),
    View(
        "v_nrr_by_month_and_cohort",
        "The same by dimension and its value.",
        f"SELECT {_PERIOD}, s.dimension, s.value, {_RATIOS} {_MONTHS} AND s.dimension <> ''",
    ),
    View(
        "v_nrr_by_quarter",
        "The same of everybody, by calendar quarter.",
        f"SELECT {_PERIOD}, {_RATIOS} {_QUARTERS}{_ALL}",
    ),
    View(
        "v_waterfall_by_month",
        "The revenue waterfall (R4) of everybody, by calendar month: the bars from `start` add up to `total_end`.",
        f'SELECT {_PERIOD}, {_BARS}, s."total_end" {_MONTHS}{_ALL}',
    ),
    View(
        "v_figures",
        "Every figure that was told, as it was told last: of the running and the last quarter, and of whatever anybody"
        " asked for lately. cohort: the value of each of the dimensions, as JSON; known_to: arrival of the newest event"
        " in it. Amounts are rounded to whole minor units. Units and owners are in v_metrics, targets, trend, best"
        " and worst in v_scorecard.",
        "SELECT t.label AS period, {day:t.first_day} AS first_day, {day:t.end_day} AS end_day, t.dimensions, t.cohort,"
        " t.figure, t.value, t.reason, t.numerator, t.denominator, t.n, t.unit, t.low, t.high,"
        " {instant:t.newest} AS known_to FROM told t",
    ),
    *NOTED_VIEWS,
    View(
        "v_spends",
        "What was spent on winning revenue (E2), by motion.",
        "SELECT a.account_id, s.motion, {day:s.day} AS day, s.cents, s.message_id FROM spends s"
        " JOIN accounts a ON a.id = s.account",
    ),
    View(
        "v_opportunities",
        "What was said of opportunities (E3): state, amount, whether customer-led growth sourced or influenced them.",
        "SELECT a.account_id, d.opportunity_id, d.state, {instant:d.at} AS at, d.cents, d.clg, d.message_id"
        " FROM dealings d JOIN accounts a ON a.id = d.account",
    ),
    View(
        "v_prior_scores",
        "The health score, 0 (bad) to 100 (good), that an account had when a month began, which lift (C4) goes by.",
        "SELECT {day:p.day} AS day, p.account_id, p.points FROM prior_scores p JOIN prior_days d ON d.day = p.day",
    ),
    View(
        "v_settings",
        "What all of it is computed by: the reporting currency, what an entity is, days of exposure, dimensions.",
        "SELECT key, value FROM meta",
    ),
)  # fmt: skip


def statements(dialect: str) -> Iterator[str]:
    """The CREATE VIEW statements for "sqlite" or "postgresql"."""
    for view in VIEWS:
        yield f"CREATE VIEW {view.name} AS {_dated(view.body, dialect)}"


def _dated(body: str, dialect: str) -> str:
    """The body with its dates spelled out."""
    parts = body.replace("{", "\0").replace("}", "\0").split("\0")
    for place in range(1, len(parts), 2):
        kind, column = parts[place].split(":")
        parts[place] = _FORMS[dialect, kind].format(column)
    return "".join(parts)


_FORMS = {
    ("sqlite", "day"): "date({0} * 86400, 'unixepoch')",
    ("sqlite", "instant"): "strftime('%Y-%m-%dT%H:%M:%SZ', {0}, 'unixepoch')",
    ("postgresql", "day"): "DATE '1970-01-01' + {0}",
    ("postgresql", "instant"): "to_timestamp({0})",
}
