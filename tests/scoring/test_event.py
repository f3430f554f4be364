"""An event goes where other values go: it is copied and pickled, compiled or not."""

import copy
import pickle

from scoring.event import Event

EVENT = Event("acme", "cs", "qbr_completed", 1.0, 2.0, "m-1", None, {"attendees": ["ann"]})


def test_an_event_is_the_same_after_pickling() -> None:
    assert pickle.loads(pickle.dumps(EVENT)) == EVENT


def test_a_deep_copy_of_an_event_shares_nothing_with_it() -> None:
    other = copy.deepcopy(EVENT)
    assert (copy.copy(EVENT), other) == (EVENT, EVENT)
    assert other.properties["attendees"] is not EVENT.properties["attendees"]
