"""The profiles under which the laws are tried."""

from pathlib import Path

from scoring.profile import Profile, default_profile, load_profile

EVERY_KIND = Path(__file__).with_name("every_kind.yaml")

DEFAULT = default_profile()


def every_kind() -> Profile:
    """A profile with every kind of metric and every option that changes how one is worked out."""
    return load_profile(EVERY_KIND.read_text(), file=EVERY_KIND.name)


PROFILES = {"default": DEFAULT, "every_kind": every_kind()}
