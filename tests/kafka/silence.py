"""An account that falls silent while a test looks on."""

import json
import time
from collections.abc import Mapping
from typing import Any

from tests.streams.embedded.sent import track


def quiet_since(due: int) -> Mapping[str, Any]:
    """What arrived ten days before an instant, which the playbook calls silence."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(due - 10 * 86_400))
    return track(1) | {"receivedAt": stamp, "timestamp": stamp}


def assert_noticed_in_time(trigger: Any, due: int) -> None:
    """That a trigger, as the broker has it, is of the silence that was due at an instant, and came soon after it."""
    noticed_s = trigger.timestamp / 1000 - due
    assert json.loads(trigger.value)["data"]["play"] == "gone_quiet"
    assert 0.0 <= noticed_s < 5.0
