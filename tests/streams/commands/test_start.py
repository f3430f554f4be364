"""What a command starts with."""

import subprocess
import sys

SELDOM = ("numpy", "scipy", "statsmodels", "pandas", "sqlalchemy", "fastapi")
"""What few commands need, and takes longer to load than all else."""


def test_no_command_and_no_worker_loads_what_it_may_not_need() -> None:
    said = f"import sys, streams.cli, streams.kafka.app; print({{*{SELDOM}}} & sys.modules.keys())"
    found = subprocess.run([sys.executable, "-c", said], check=True, capture_output=True, text=True, timeout=60)
    assert found.stdout == "set()\n"
