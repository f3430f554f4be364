"""Messages of the configuration topic."""

import json

import pytest

from scoring.profile import load_profile
from streams.configuration import Texts, read, shipped
from streams.kafka.publication import Reference, RefusedError, check_layout, encode, judge
from tests.streams.embedded.running import PLAYS
from tests.streams.kafka.test_edition import COUNTING

TEXTS = Texts((shipped("profile"), "profile.yaml"), (PLAYS, "plays.yaml"), ("own: {}\n", "words.yaml"))
PROFILE = read(TEXTS).profile


def test_what_is_published_comes_out_as_it_went_in() -> None:
    key, value = encode(TEXTS)
    assert key.decode() == TEXTS.digest
    found = judge(value, Reference(PROFILE.layout.signature, PROFILE))
    assert (found.digest, found.profile.label, found.playbook.version) == (TEXTS.digest, PROFILE.label, "test-1")


def test_the_digest_is_that_of_the_texts_and_not_of_their_names() -> None:
    assert TEXTS._replace(plays=(PLAYS, "elsewhere.yaml")).digest == TEXTS.digest
    assert TEXTS._replace(plays=(PLAYS + "\n", "plays.yaml")).digest != TEXTS.digest
    assert TEXTS._replace(vocabulary=None).digest != TEXTS.digest


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "it is no configuration"),
        (b"[]", "it is no configuration"),
        (b'{"digest":"x"}', "missing required field"),
        (b"\xff\xfe", "it is no configuration"),
        (encode(TEXTS)[1].replace(b">= 3.0", b">= 2.0"), "its texts were changed on the way"),
        (encode(TEXTS)[1].replace(b'"format":1', b'"format":2'), "format 2; this version of the program knows 1"),
        (encode(TEXTS._replace(plays=("plays: {a: {}}", "p.yaml")))[1], r"p\.yaml:1: "),
        (encode(TEXTS._replace(profile=("[" * 5_000, "deep.yaml")))[1], r"deep\.yaml:1: nested deeper"),
        (encode(TEXTS._replace(vocabulary=("events: {nothing: {}}", "w.yaml")))[1], r"w\.yaml:1: events\.nothing"),
    ],
)
def test_what_can_not_be_used_is_refused_with_the_reason(value: bytes, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        judge(value, None)


def test_many_problems_are_cut_short() -> None:
    bad = PLAYS.replace(
        "severity: info", "severity: mild\n    a1: 1\n    a2: 1\n    a3: 1\n    a4: 1\n    a5: 1\n    a6: 1"
    )
    with pytest.raises(RefusedError, match=r"; and \d+ more$"):
        judge(encode(TEXTS._replace(plays=(bad, "plays.yaml")))[1], None)


def test_a_profile_of_another_layout_is_refused_and_told_what_differs() -> None:
    text = shipped("profile").replace("metrics:\n", f"metrics:\n{COUNTING}", 1)
    value = encode(TEXTS._replace(profile=(text, "profile.yaml")))[1]
    with pytest.raises(RefusedError, match=r"do not hold: metrics\.logins is new"):
        judge(value, Reference(PROFILE.layout.signature, PROFILE))
    assert judge(value, None).profile.label == PROFILE.label  # there are no records that it could not read
    with pytest.raises(RefusedError, match="other things are counted"):
        check_layout(load_profile(text, file=""), Reference("of records that nobody has the profile of"))
    assert json.loads(value)["profile"][1] == "profile.yaml"
