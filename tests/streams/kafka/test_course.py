"""Chunks are taken in order, whatever is lost on the way."""

from collections import deque
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.course import Course, Step

END = 60


@given(st.integers(0, 2**32))
def test_none_is_passed_over_and_all_is_taken_though_the_way_loses_chunks_and_the_topic_has_gaps(seed: int) -> None:
    dice = Random(seed)
    topic = [offset for offset in range(END) if dice.random() < 0.9]
    course, taken, queue, position = Course[str](), list[int](), deque[list[int]](), 0
    course.restart({"a": 0})
    for _ in range(2_000):
        ahead = [offset for offset in topic if offset >= position][: dice.randint(1, 8)]
        if ahead:  # a fetch; what it brings may be lost with others in the queue
            position = ahead[-1] + 1
            queue.append(ahead)
        if dice.random() < 0.1:
            queue.clear()
            position = max(position, END) if dice.random() < 0.5 else position
        if queue and dice.random() < 0.7:
            chunk = queue.popleft()
            step = course.step("a", chunk[0], chunk[-1] + 1)
            if step is Step.TAKE:
                taken += [offset for offset in chunk if not taken or offset > taken[-1]]
            else:
                assert step is Step.SEEK
                position = course.next("a") or 0
        if not ahead and not queue:  # nothing comes any more: the group rebalances at some time
            course.restart({"a": taken[-1] + 1 if taken else 0})
            position = taken[-1] + 1 if taken else 0
    assert taken == topic


def test_what_is_not_ours_is_left() -> None:
    course = Course[str]()
    assert (course.step("a", 0, 5), course.next("a")) == (Step.LEAVE, None)
    course.restart({"a": 3})
    course.restart({"b": 0})
    assert course.step("a", 3, 5) is Step.LEAVE
