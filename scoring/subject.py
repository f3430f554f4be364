"""What stands for a cohort where else an account's id stands: in triggers, in answers to them, as a message's key."""

import hashlib
import json
from collections.abc import Mapping

COHORT = 'cohort:{"'
"""What a cohort's subject begins with. No account is called so: what is said of a cohort counts for no account."""

SUBJECT_CHARS_MAX = 256
"""As long as an account's id may be, since answers carry it in the same place."""


def subject(cohort: Mapping[str, str]) -> str:
    """What stands for a cohort: the same whatever the order in which its values were put. Of one that is longer than an
    id may be, or holds what an id may not, a digest.

    >>> subject({"segment": "smb", "region": "emea"})
    'cohort:{"region":"emea","segment":"smb"}'
    """
    text = "cohort:" + json.dumps(dict(sorted(cohort.items())), ensure_ascii=False, separators=(",", ":"))
    if len(text) <= SUBJECT_CHARS_MAX and "\x7f" not in text:
        return text
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f'{COHORT}digest":"{digest}"}}'


def is_cohort(text: str) -> bool:
    """Whether a subject is that of a cohort, and not an account's id."""
    return text.startswith(COHORT)


def cohort_of(text: str) -> dict[str, str]:
    """The cohort of its subject.

    >>> cohort_of('cohort:{"segment":"smb"}')
    {'segment': 'smb'}
    """
    cohort: dict[str, str] = json.loads(text.removeprefix("cohort:"))
    return cohort
