"""Names as people give several at once: with commas."""


def named(text: str | None) -> tuple[str, ...]:
    """The names in a text.

    >>> named("segment, industry,"), named(None)
    (('segment', 'industry'), ())
    """
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())
