"""What was planted where: the answers to which a run is compared."""

from typing import Any, NamedTuple

HEALTHY = "healthy"
NOISY = "noisy_but_fine"


class Truth(NamedTuple):
    """One account's story.

    `play` is the id of the play that should open, None where no play on risks or chances should; a trigger of it that
    comes in [from, deadline] has caught the story. In [from, until] a trigger of `play` or of one in `explains` is no
    false one: the facts are such that it may rightly open as well. Instants as ISO 8601 text, UTC; `from` is written
    `begins` in Python.
    """

    account_id: str
    story: str
    begins: str
    until: str
    play: str | None
    deadline: str | None
    explains: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The record as it is written to a file."""
        said = self._asdict()
        return {"account_id": said.pop("account_id"), "story": said.pop("story"), "from": said.pop("begins"), **said}

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> "Truth":
        """The record that `to_json` gave.

        >>> truth = Truth("acct-0001", "healthy", "2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z", None, None)
        >>> Truth.from_json(truth.to_json()) == truth
        True
        """
        rest = {key: value for key, value in said.items() if key not in ("from", "explains")}
        return cls(begins=said["from"], explains=tuple(said["explains"]), **rest)
