"""How hard the laws are tried: quickly while working, harder and the same way each time where a change is judged."""

import os

import pytest
from hypothesis import HealthCheck, settings

from streams.compiled import outdated

# Tests run beside each other: threads of numpy's linear algebra would wait for each other's cores. Before it is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

settings.register_profile("dev", max_examples=50, deadline=None)
# In CI every run tries the same examples: a failure there is due to the change, and can be repeated.
settings.register_profile(
    "ci",
    max_examples=300,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "dev")


def pytest_configure() -> None:
    """What is tested is what is written."""
    if old := outdated():
        raise pytest.UsageError(
            f"newer than what was compiled of it: {', '.join(old)}; `make compiled`, or `make interpreted`"
        )
