"""What a command starts with."""

import subprocess
import sys


def test_no_command_and_no_worker_loads_statistics_before_it_needs_them() -> None:
    said = "import sys, streams.cli, streams.kafka.app; print({'scipy', 'statsmodels', 'pandas'} & sys.modules.keys())"
    found = subprocess.run([sys.executable, "-c", said], check=True, capture_output=True, text=True, timeout=60)
    assert found.stdout == "set()\n"
