"""What is kept of cohorts and their plays between two looks, as one text."""

from typing import Any

import msgspec

from plays.episode import Episode
from plays.trigger import trigger_id
from scoring.days import iso
from scoring.subject import cohort_of
from streams.dead_letter import DeadLetter

Packed = dict[str, tuple[Any, ...]]
"""The episodes of a cohort by play, as the playbook moves them."""


class Watched(msgspec.Struct):
    """Owned by one look. Triggers and letters are kept with what made them, before anybody gets them, until somebody
    has them: so a crash loses none, and none is made twice.
    """

    episodes: dict[str, Packed] = {}
    """By the cohort's subject."""
    heard: int = 0
    """Number of the last answer that was dealt with."""
    triggers: list[dict[str, Any]] = []
    """To be put out."""
    letters: list[DeadLetter] = []
    """Of answers that name no trigger: to be put out."""

    def of(self, subject: str) -> Packed:
        """The episodes of a cohort, to be changed in place."""
        return self.episodes.setdefault(subject, {})

    def adopt(self, subject: str, play: str, number: int, opened_at: float) -> bool:
        """Take up an episode whose trigger is out though it is not known here: when the figures' database is another
        one than before, and when another service has opened it. Whether it was such a one.
        """
        packed = self.of(subject).get(play)
        own = None if packed is None else Episode._make(packed)
        strange = own is None or own.number < number or (own.number == number and own.phase == "pending")
        if strange:
            self.of(subject)[play] = Episode(play, number, "open", "opened", opened_at, opened_at)
        return strange

    def knows(self, subject: str, named: object) -> bool:
        """Whether a trigger's id is that of any episode, of now or before, that opened for a cohort."""
        opened = {play: _opened(Episode._make(one)) for play, one in self.episodes.get(subject, {}).items()}
        return any(
            trigger_id(subject, play, number) == named
            for play, count in opened.items()
            for number in range(1, count + 1)
        )

    def to_json(self) -> list[dict[str, Any]]:
        """The episodes as lists show them."""
        return [
            _shown(subject, Episode._make(one))
            for subject, packed in sorted(self.episodes.items())
            for one in packed.values()
        ]

    def pack(self) -> str:
        """As text; cohorts without an episode are left out."""
        kept = {subject: packed for subject, packed in self.episodes.items() if packed}
        return _encode(msgspec.structs.replace(self, episodes=kept)).decode()


def _opened(episode: Episode) -> int:
    """How many episodes of its play have opened: a pending one has a number, and no trigger yet."""
    return episode.number - (episode.phase == "pending")


def _shown(subject: str, episode: Episode) -> dict[str, Any]:
    opened_at = episode.opened_at
    return {
        "id": trigger_id(subject, episode.play, episode.number), "subject": subject, "cohort": cohort_of(subject),
        "play": episode.play, "number": episode.number, "phase": episode.phase, "reason": episode.reason,
        "since": iso(episode.since), "opened_at": None if opened_at is None else iso(opened_at),
        "feedback": episode.feedback,
    }  # fmt: skip


def unpack(text: str | None) -> Watched:
    """What `pack` wrote; of None nothing is known."""
    return Watched() if text is None else _decode(text)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Watched).decode
