"""Who may write and who may read."""

import base64
from pathlib import Path

import pytest

from streams.http.access import Access, AccessError, access, is_loopback
from tests.streams.embedded.sent import track
from tests.streams.http.served import Served

PRODUCT, CRM, TOKEN = "product-key-0123456789", "crm-key-0123456789abc", "read-token-0123456789"


def basic(key: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


def test_keys_are_read_with_names_streams_and_comments() -> None:
    text = f"# ours\nproduct:{PRODUCT}\n\ncrm:{CRM}:cs, another-key-0123456789, yet-another-0123456789:revenue\n"
    keys = access(text, TOKEN)
    assert [(key.name, key.stream) for key in keys.write_keys] == [
        ("product", None), ("crm", "cs"), ("key3", None), ("key4", "revenue"),
    ]  # fmt: skip
    assert PRODUCT not in repr(keys)
    assert TOKEN not in repr(keys)
    found = keys.writer(basic(CRM))
    assert found is not None
    assert found.name == "crm"


NO_KEYS = [None, "", "Basic", "Basic !!!", "Basic " + base64.b64encode(b"\xff\xfe:").decode(), f"Bearer {PRODUCT}"]


@pytest.mark.parametrize("header", [*NO_KEYS, basic("wrong"), basic("")])
def test_what_is_no_key_opens_nothing(header: str | None) -> None:
    assert access(PRODUCT).writer(header) is None


def test_the_read_token_is_a_bearer_token() -> None:
    keys = access("", TOKEN)
    assert keys.may_read(f"Bearer {TOKEN}")
    assert keys.may_read(f"bearer {TOKEN}")
    assert not any(map(keys.may_read, (None, "", TOKEN, "Bearer", "Bearer x", f"Basic {TOKEN}", basic(TOKEN))))


@pytest.mark.parametrize(
    ("keys", "token", "told"),
    [
        ("short", "", "has 5 characters"),
        (f"{PRODUCT},{PRODUCT}", "", "the same"),
        (f"a b:{PRODUCT}", "", "the name may hold"),
        (f"x:{PRODUCT}:nonsense", "", "unknown stream 'nonsense'"),
        (f"x:{PRODUCT}:cs:more", "", "has 4 parts"),
        ("", "short", "read token has 5"),
        (",".join(f"key-number-{n:010}" for n in range(1_001)), "", "at most 1000"),
    ],
)
def test_keys_that_are_none_are_named_but_not_shown(keys: str, token: str, told: str) -> None:
    with pytest.raises(AccessError, match=told) as error:
        access(keys, token)
    assert PRODUCT not in str(error.value)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "pulse.example"])
def test_nothing_listens_beyond_this_machine_without_keys(host: str) -> None:
    for keys in (Access(), access(PRODUCT), access("", TOKEN)):
        with pytest.raises(AccessError, match="set"):
            keys.check(host)
    assert access(PRODUCT, TOKEN).check(host) == []


def test_on_this_machine_it_may_be_open_and_says_so() -> None:
    told = Access().check("127.0.0.1")
    assert [line.partition(": ")[2].partition(" (")[0] for line in told] == ["no write keys", "no read token"]
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost")))


def test_the_command_refuses_to_listen_beyond_this_machine_without_keys(tmp_path: Path) -> None:
    served = Served(tmp_path / "data", "--host", "0.0.0.0")
    with pytest.raises(AssertionError, match="reachable by others"):
        served.start()


def test_with_keys_only_their_holders_write_and_read(tmp_path: Path) -> None:
    environment = {"ACCOUNTPULSE_WRITE_KEYS": f"product:{PRODUCT},crm:{CRM}:cs", "ACCOUNTPULSE_READ_TOKEN": TOKEN}
    with Served(tmp_path / "data", environment=environment) as served:
        message, reader = track(1), {"Authorization": f"Bearer {TOKEN}"}
        answer = served.client.post("/v1/track", json=message)
        assert (answer.status_code, answer.headers["www-authenticate"][:5]) == (401, "Basic")
        assert served.client.post("/v1/track", json=message, auth=("nonsense-key-0123456789", "")).status_code == 401
        assert served.client.post("/v1/track", json=message, auth=(PRODUCT, "")).status_code == 200
        assert served.client.post("/v1/track", json=track(2), auth=(CRM, "")).status_code == 200
        assert served.client.post("/v1/streams/usage/track", json=track(3), auth=(CRM, "")).status_code == 403
        for path in (
            "/v1/accounts",
            "/v1/accounts/acme",
            "/v1/triggers",
            "/v1/triggers/stream",
            "/v1/dead-letters",
            "/metrics",
        ):
            answer = served.client.get(path)
            assert (path, answer.status_code) == (path, 401)
            assert served.client.get(path, auth=(PRODUCT, "")).status_code == 401
        events = served.client.get("/v1/accounts/acme/events", headers=reader).json()["events"]
        assert [event["stream"] for event in events] == ["cs", "usage"]
        assert served.client.get("/readyz").status_code == 200
    said = "".join(served.log)
    assert PRODUCT not in said
    assert TOKEN not in said


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Origin": "null"},
    ],
)
def test_while_it_is_open_no_web_page_from_elsewhere_gets_through(served: Served, headers: dict[str, str]) -> None:
    assert served.client.get("/v1/accounts", headers=headers).status_code == 403
    assert served.client.post("/v1/track", json=track("evil", "evil"), headers=headers).status_code == 403
    assert served.client.get("/v1/accounts", headers={"Origin": "http://localhost:3000"}).status_code == 200
