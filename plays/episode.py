"""Episodes: one spell of one play on one account, as a state machine in one table.

    idle -> pending -> open -> acknowledged -> acted -> settling -> closed -> idle
             (dwell)                                     (clearing)  (cooldown)

An episode that ends while its condition still holds (it expired, or people dismissed it) is `spent`: it must see its
condition clear once before the play may start again, so nobody is told of the same trouble twice.

What the table alone does not show:
- A condition can be unknown (None). Unknown neither opens nor closes anything, and the clock of a dwell or a clearing
  stands still until the answer is known again: only time in which it was known counts.
- `held` (the sources are dark): nothing moves but what people say, and clocks stand still.
- While the condition holds nothing clears, whatever `clear_when` says.
- Whoever comes late (the deadline was three days ago) moves the episode now: instants are those of evaluation.
"""

from typing import Literal, NamedTuple

from plays.play import Play

Phase = Literal["idle", "pending", "open", "acknowledged", "acted", "settling", "spent", "closed"]
Step = Literal[
    "condition_met", "condition_lapsed", "opened", "clearing", "relapsed", "relapsed_acknowledged", "relapsed_acted",
    "recovered", "expired", "cleared", "cooled", "acknowledged", "done", "dismissed", "withdrawn",
]  # fmt: skip

LIVE: frozenset[str] = frozenset({"open", "acknowledged", "acted", "settling"})
"""Phases of an episode that people should see."""

TABLE: dict[tuple[Phase, Step], Phase] = {
    ("idle", "condition_met"): "pending",
    ("pending", "condition_lapsed"): "idle",
    ("pending", "withdrawn"): "idle",
    ("pending", "opened"): "open",
    ("open", "acknowledged"): "acknowledged",
    ("open", "done"): "acted",
    ("open", "dismissed"): "spent",
    ("open", "clearing"): "settling",
    ("open", "expired"): "spent",
    ("open", "withdrawn"): "closed",
    ("acknowledged", "done"): "acted",
    ("acknowledged", "dismissed"): "spent",
    ("acknowledged", "clearing"): "settling",
    ("acknowledged", "expired"): "spent",
    ("acknowledged", "withdrawn"): "closed",
    ("acted", "dismissed"): "spent",
    ("acted", "clearing"): "settling",
    ("acted", "expired"): "spent",
    ("acted", "withdrawn"): "closed",
    ("settling", "relapsed"): "open",
    ("settling", "relapsed_acknowledged"): "acknowledged",
    ("settling", "relapsed_acted"): "acted",
    ("settling", "acknowledged"): "settling",
    ("settling", "done"): "settling",
    ("settling", "dismissed"): "spent",
    ("settling", "recovered"): "closed",
    ("settling", "expired"): "spent",
    ("settling", "withdrawn"): "closed",
    ("spent", "cleared"): "closed",
    ("closed", "cooled"): "idle",
}

RELAPSES: dict[str, Step] = {"open": "relapsed", "acknowledged": "relapsed_acknowledged", "acted": "relapsed_acted"}

SAYINGS: dict[str, tuple[Step, Phase]] = {
    "play_acknowledged": ("acknowledged", "acknowledged"),
    "play_done": ("done", "acted"),
    "play_dismissed": ("dismissed", "spent"),
}
"""What people say by an event: the step, and the phase that it leads to from a live one."""

FEEDBACK = ("useful", "false_alarm")


class StepError(ValueError):
    """A step that the phase does not know: our own mistake, never the sender's."""


class Episode(NamedTuple):
    """Where an account stands in a play. Plain values only, so that it packs as an array. Instants in unix seconds."""

    play: str
    number: int
    """Ascends from 1 per account and play; while pending, the number that the episode would have."""
    phase: Phase
    reason: str
    """The step that led here."""
    since: float
    """When the phase's clock started; moved on by the time that it stood still."""
    opened_at: float | None = None
    stopped_at: float | None = None
    """Since when the clock of a dwell or a clearing stands still; None while it runs."""
    before: Phase | None = None
    """While settling: the phase that a relapse returns to."""
    feedback: str | None = None
    """What people thought of it: useful or false_alarm."""


class Move(NamedTuple):
    """One step of an episode, with its reason."""

    play: str
    number: int
    from_phase: Phase
    to_phase: Phase
    reason: Step
    at: float

    @property
    def opens(self) -> bool:
        """Whether a trigger is to be made. A relapse returns to `open` without one."""
        return self.reason == "opened"


Moved = tuple[Episode, tuple[Move, ...]]


def advance(
    play: Play, episode: Episode | None, *, truth: bool | None, clear: bool | None, at: float, held: bool = False
) -> tuple[Episode | None, tuple[Move, ...]]:
    """The episode at the instant `at`, and the moves that led there. Pure, and idempotent at one instant.

    truth, clear: whether the condition holds, and whether it is cleared (the condition's opposite where the play has no
    `clear_when`); None is unknown. An episode of None is a play that never did anything on the account.
    """
    now = Episode(play.id, 0, "idle", "new", at) if episode is None else episode
    at = max(at, now.since)
    clear = False if truth else clear
    known = not held and (truth if now.phase == "pending" else clear) is not None
    now = _clock(now, at, running=known)
    moves: list[Move] = []
    while not held and (step := _next(play, now, truth, clear, at)) is not None:
        now, move = take(now, step, at)
        moves.append(move)
    return (None if now.number == 0 else now), tuple(moves)


def _next(play: Play, episode: Episode, truth: bool | None, clear: bool | None, at: float) -> Step | None:
    """The step that is due, or None."""
    step: Step | None = None
    match episode.phase:
        case "idle":
            step = "condition_met" if truth else None
        case "pending" if truth is False:
            step = "condition_lapsed"
        case "pending":
            step = "opened" if truth and at >= episode.since + play.hold_for else None
        case "spent":
            step = "cleared" if clear else None
        case "closed":
            step = "cooled" if at >= episode.since + play.cooldown else None
        case "settling" if clear is False:
            step = RELAPSES[episode.before or "open"]
        case "settling" if clear and at >= episode.since + play.settle_for:
            step = "recovered"
        case "open" | "acknowledged" | "acted" if clear:
            step = "clearing"
        case _ if at >= _expiry(play, episode):
            step = "expired"
    return step


def take(episode: Episode, step: Step, at: float) -> tuple[Episode, Move]:
    """The episode after one step of the table, and the move. StepError when the phase does not know the step."""
    phase = episode.phase
    to = TABLE.get((phase, step))
    if to is None:
        raise StepError(f"episode {episode.play}/{episode.number}: no step {step!r} in phase {phase!r}")
    number = episode.number
    if step == "condition_met":
        number += 1
    elif to == "idle" and phase == "pending":
        number -= 1
    moved = episode._replace(
        number=number,
        phase=to,
        reason=step,
        since=episode.since if to == phase else at,
        opened_at=at if step == "opened" else None if to in ("idle", "pending") else episode.opened_at,
        stopped_at=episode.stopped_at if to == phase else None,
        before=(phase if phase != "settling" else episode.before) if to == "settling" else None,
        feedback=None if to == "pending" else episode.feedback,
    )
    return moved, Move(episode.play, max(number, episode.number), phase, to, step, at)


def _clock(episode: Episode, at: float, *, running: bool) -> Episode:
    """Stop or start the clock of a dwell or a clearing."""
    stopped = episode.stopped_at
    if episode.phase not in ("pending", "settling") or running == (stopped is None):
        return episode
    if stopped is None:
        return episode._replace(stopped_at=at)
    return episode._replace(stopped_at=None, since=episode.since + (at - stopped))


def _expiry(play: Play, episode: Episode) -> float:
    if play.expire_after is None or episode.opened_at is None:
        return float("inf")
    return episode.opened_at + play.expire_after


def deadline(play: Play, episode: Episode) -> float | None:
    """When time alone may move the episode next: dwell, clearing, expiry or cooldown over. None: never."""
    if episode.phase == "closed":
        return episode.since + play.cooldown
    due = _expiry(play, episode) if episode.phase in LIVE else float("inf")
    if episode.stopped_at is None:
        if episode.phase == "pending":
            due = episode.since + play.hold_for
        elif episode.phase == "settling":
            due = min(due, episode.since + play.settle_for)
    return None if due == float("inf") else due


def feedback(play: Play, episode: Episode, event_name: str, at: float, said: object = None) -> Moved:
    """The episode after people spoke: an event play_acknowledged, play_done or play_dismissed, and what they `said` of
    it, `useful` or `false_alarm`.

    What does not fit the phase (a second acknowledgement, an answer after the episode closed) moves nothing; what they
    said is kept all the same, while the episode is the newest. An event of another name is ignored.
    """
    episode = Episode._make(episode)
    if episode.play != play.id:
        raise StepError(f"episode of {episode.play!r} given with the play {play.id!r}")
    saying = SAYINGS.get(event_name)
    if saying is None:
        return episode, ()
    if isinstance(said, str) and said in FEEDBACK and episode.phase not in ("idle", "pending"):
        episode = episode._replace(feedback=said)
    step, to = saying
    if (episode.phase, step) not in TABLE:
        return episode, ()
    if episode.phase != "settling":
        moved, move = take(episode, step, max(at, episode.since))
        return moved, (move,)
    if step == "acknowledged" and episode.before == "acted":
        return episode, ()
    moved, move = take(episode, step, max(at, episode.since))
    return (moved if step == "dismissed" else moved._replace(before=to)), (move,)


def withdraw(episode: Episode, at: float) -> Moved:
    """The episode when its play no longer applies to the account or was removed: closed, when it was under way."""
    if (episode.phase, "withdrawn") not in TABLE:
        return episode, ()
    moved, move = take(episode, "withdrawn", max(at, episode.since))
    return moved, (move,)
