"""The views of what is noted (see noted.py): what was agreed, and what is made of all accounts."""

# ruff: noqa: S608 - all of it is written in this file

from scorecard.model.view import View

_PERIOD = "n.label AS period, {day:n.first_day} AS first_day, {day:n.end_day} AS end_day"

_KNOWN_TO = "{instant:n.newest} AS known_to"

_LAST = "of the last whole quarter; known_to: arrival of the newest event that was known when it was made"

NOTED_VIEWS = (
    View(
        "v_metrics",
        "The catalogue, a row for each figure. no_parts: why it has neither numerator nor denominator; no_past: why it"
        " has no trend.",
        "SELECT n.figure, n.metric, n.place, n.title, n.definition, n.formula, n.unit, n.streams, n.owner, n.review,"
        " n.good, n.traps, n.no_parts, n.no_past FROM metrics n",
    ),
    View(
        "v_targets",
        "What was agreed: figure, cohort (as JSON; {} is everybody), the period where it holds for one alone, and at"
        " least or at most how much. Money in minor units.",
        "SELECT n.figure, n.cohort, n.period, n.at_least, n.at_most FROM targets n",
    ),
    View(
        "v_scorecard",
        "The lines of the scorecard as they were shown last, beside their figures in v_figures: target and whether it"
        " is met (1 or 0), the value before, trend or why there is none, benchmark, best and worst cohort of the"
        " dimensions `ends` (as JSON) or why there are none. Of the last whole quarter the executive ones of"
        " everybody always; of whatever else once anybody was shown it.",
        f"SELECT {_PERIOD}, n.dimensions, n.cohort, n.figure, n.target, n.met, n.before, n.trend, n.no_trend,"
        " n.benchmark, n.benchmark_source, n.benchmark_met, n.ends, n.best, n.best_value, n.worst, n.worst_value,"
        f" n.no_best, {_KNOWN_TO} FROM shown n",
    ),
    View(
        "v_attribution",
        f"Expansion shared out among programmes by each model (C6), {_LAST}. Of each model the cents add up to X1.",
        f"SELECT {_PERIOD}, n.model, n.programme, n.cents, {_KNOWN_TO} FROM attributions n",
    ),
    View(
        "v_forecast",
        "NRR of the quarters that are over, and of those to come (C8): the naive forecast beside it, and of both the"
        " mean error so far; within_interval: how often the truth was.",
        f"SELECT {_PERIOD}, n.kind, n.nrr, n.low, n.high, n.level, n.naive, n.method, n.mean_error,"
        f" n.naive_mean_error, n.within_interval, n.reason, n.n, {_KNOWN_TO} FROM forecasts n",
    ),
    View(
        "v_lift",
        f"The measured lift by outcome (C4), of each programme (C5) and of everybody where programme is '', {_LAST}."
        " exposed_n, control_n: accounts compared.",
        f"SELECT {_PERIOD}, n.programme, n.outcome, n.value, n.low, n.high, n.level, n.exposed_rate, n.control_rate,"
        f" n.naive, n.exposed_n, n.control_n, n.exposed_n + n.control_n AS n, n.reason, n.no_interval, {_KNOWN_TO}"
        " FROM lifts n",
    ),
    View(
        "v_lift_strata",
        f"What everybody's lift is made of, {_LAST}: accounts and starting revenue (in minor units) of both arms of"
        " each stratum (as JSON), its weight, or the reason why it is left out.",
        f"SELECT {_PERIOD}, n.stratum, n.weight, n.reason, n.exposed_n, n.exposed_start, n.exposed_nrr, n.control_n,"
        f" n.control_start, n.control_nrr, {_KNOWN_TO} FROM strata n",
    ),
    View(
        "v_lift_balance",
        f"How alike its arms are, {_LAST}: means of both (money in minor units), and the standardised difference before"
        " matching and after.",
        f"SELECT {_PERIOD}, n.name, n.exposed, n.control, n.before, n.after, n.balanced, {_KNOWN_TO} FROM balances n",
    ),
)
