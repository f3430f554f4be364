"""What keeps every play of an account from moving, so that most events need no evaluation at all.

A play can start only when all conjuncts of its condition hold. It is enough to watch one that does not: until an
event touches what that one is made of, or time carries it over its bound, the play can't start; and then, mostly,
another of its conjuncts can be watched instead. (SAT solvers watch literals for the same reason.) An episode that is
under way is kept by a conjunct of its `clear_when` in the same way. Runs that publish no scores skip every evaluation
that this makes needless; all runs look again when a watch ends, so they find the same at the same instants.
"""

from collections.abc import Iterable
from math import inf

from plays.conjunct import All, Conjuncts, Instant
from plays.episode import Episode, Move, deadline
from plays.kept import Kept, together, until
from plays.playbook import PHASE, SINCE, CompiledPlay, Playbook
from scoring.account import Account
from scoring.profile import Profile


class Watch:
    """What is watched of one account: while no event touches `cells` and no instant has come, no play that is kept
    moves.
    """

    __slots__ = ("cells", "loose", "plays", "silence_s", "wake")

    def __init__(self, plays: list[Kept | None]) -> None:
        """plays: what keeps each play, in the order of the playbook; None for those that may move."""
        self.plays = plays
        self.cells = 0
        self.silence_s = self.wake = inf
        self.loose = True
        """Whether there is a play that nothing keeps, or may be."""

    def gather(self) -> None:
        """Find again what ends the watch, after what keeps a play has changed."""
        cells, silence_s, wake, loose = 0, inf, inf, False
        for kept in self.plays:
            if kept is None:
                loose = True
                continue
            its_cells, its_silence_s, its_wake = kept
            cells |= its_cells
            if its_silence_s < silence_s:  # noqa: PLR1730 - min() costs a call, for every play of every change
                silence_s = its_silence_s
            if its_wake < wake:  # noqa: PLR1730
                wake = its_wake
        self.cells, self.silence_s, self.wake = cells, silence_s, wake
        self.loose = loose

    def ends(self, account: Account) -> float:
        """The earliest instant at which time ends the watch."""
        sign = account.last_sign
        return min(self.wake, sign + self.silence_s) if sign else self.wake


class Watched:
    """A play with what can be watched of it."""

    __slots__ = ("_all_clears", "_all_starts", "_clears", "_fits", "_rule", "_starts", "id")

    def __init__(self, rule: CompiledPlay, conjuncts: Conjuncts) -> None:
        self.id = rule.play.id
        self._rule = rule
        starts, self._all_starts = conjuncts.of(rule.condition)
        clears, self._all_clears = ([], False) if rule.clear is None else conjuncts.of(rule.clear)
        self._fits = None if rule.for_all else conjuncts.fitting(rule.play)
        self._starts = All(starts if self._fits is None else [self._fits, *starts])
        self._clears = All(clears)

    @property
    def unknown(self) -> Kept | None:
        """Until when the play can't move on an account that nothing is known of."""
        return self._starts.empty

    def kept(self, account: Account, at: float) -> Kept | None:
        """Until when the play can't move; None when it may move now."""
        packed = account.episodes.get(self.id)
        if packed is None or packed[PHASE] == "idle":
            return self._starts.fails(account, at)
        if packed[PHASE] == "closed":
            cooled = packed[SINCE] + self._rule.play.cooldown
            return until(cooled) if cooled > at else None
        episode = Episode._make(packed)
        due = deadline(self._rule.play, episode)
        if episode.phase == "pending" or episode.stopped_at is not None or (due is not None and due <= at):
            return None
        kept: list[Kept | None] = [] if due is None else [until(due)]
        if self._fits is not None:
            kept.append(self._fits.holds(account, at))
        if episode.phase != "settling" and self._rule.clear is None:  # then only that the condition holds keeps it open
            kept.append(self._starts.holds(account, at) if self._all_starts else None)
        elif episode.phase != "settling":
            kept.append(self._clears.fails(account, at))
        elif self._all_clears:
            kept += [self._starts.fails(account, at), self._clears.holds(account, at)]
        else:
            return None
        return together(kept)


class Watcher:
    """Finds what to watch."""

    def __init__(self, profile: Profile, playbook: Playbook, again: Instant) -> None:
        """again: when to look again at what time may change at any instant."""
        conjuncts = Conjuncts(profile, again)
        self._plays = [Watched(rule, conjuncts) for rule in playbook.rules.values()]
        self._unknown = [play.unknown for play in self._plays]
        self._index = {play_id: index for index, play_id in enumerate(playbook.rules)}

    def watch(self, account: Account) -> Watch:
        """The watch of an account that was not watched before; of one that nothing is known of at little cost."""
        return Watch([None] * len(self._plays) if account.base else self._unknown.copy())

    def renew(self, account: Account, at: float, touched: int) -> bool:
        """Look again, at the instant `at`, for what keeps the plays that are no longer kept, after events that touched
        these bits. Whether all plays are kept now.
        """
        watch: Watch = account.watch
        plays, sign, changed = watch.plays, account.last_sign, watch.loose
        for index, before in enumerate(plays):
            if before is not None:
                cells, silence_s, wake = before
                if not (touched & cells or wake <= at or sign + silence_s <= at):
                    continue
            kept = self._plays[index].kept(account, at)
            if kept is not before:
                plays[index], changed = kept, True
        if changed:
            watch.gather()
        return not watch.loose

    def loose(self, account: Account) -> list[str]:
        """The plays that nothing keeps."""
        return [self._plays[index].id for index, kept in enumerate(account.watch.plays) if kept is None]

    def moved(self, account: Account, moves: Iterable[Move]) -> None:
        """Look again at plays whose episodes moved, whatever kept them before."""
        for move in moves:
            if (index := self._index.get(move.play)) is not None:
                account.watch.plays[index] = None
                account.watch.loose = True
