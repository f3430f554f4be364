"""All that speaks to brokers, over TLS and with passwords: a broker that lets in nobody else."""

import json
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
from kafka import KafkaAdminClient
from kafka.admin import UserScramCredentialUpsertion

from deploy.kafka.broker import Broker, free_port
from deploy.kafka.properties import Listener
from tests.chaos.kafka.cluster import Cluster
from tests.chaos.kafka.lag import lag
from tests.kafka.conftest import require_java
from tests.kafka.posting import Posted
from tests.kafka.talking import send, settings, until
from tests.kafka.test_outputs import run
from tests.streams.embedded.sent import track

pytestmark = pytest.mark.timeout(240)

USER, SECRET, WRONG = "pulse", "of=secrets#1", "another%secret"

MODULE = "org.apache.kafka.common.security"


class Guarded(NamedTuple):
    """A broker that is guarded, and what it takes to be let in."""

    broker: Broker
    passwords: str
    """Where it asks for a password, over TLS."""

    plain: str
    """The same, without TLS."""

    certificates: str
    """Where it asks for a certificate."""

    authority: Path
    certificate: Path
    key: Path


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    require_java()
    place = tmp_path_factory.mktemp("guarded")
    certificate, key = place / "certificate.pem", place / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=pulse",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    both = place / "both.pem"
    both.write_text(key.read_text() + certificate.read_text())
    listeners = [_passwords("SASL_SSL", both), _passwords("SASL_PLAINTEXT"), _certificates(both, certificate)]
    with Broker(place / "data", listeners=listeners) as broker:
        with KafkaAdminClient(bootstrap_servers=broker.bootstrap) as admin:
            admin.alter_user_scram_credentials([UserScramCredentialUpsertion(USER, "SCRAM-SHA-512", SECRET)])
        passwords, plain, certificates = (f"127.0.0.1:{one.port}" for one in listeners)
        yield Guarded(broker, passwords, plain, certificates, certificate, certificate, key)


def _passwords(protocol: str, keys: Path | None = None) -> Listener:
    name = f"listener.name.{protocol.lower()}"
    lines = [
        f"{name}.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512",
        f'{name}.plain.sasl.jaas.config={MODULE}.plain.PlainLoginModule required user_{USER}="{SECRET}";',
        f"{name}.scram-sha-512.sasl.jaas.config={MODULE}.scram.ScramLoginModule required;",
        *([] if keys is None else _tls(name, keys)),
    ]
    return Listener(protocol, free_port(), "\n".join(lines))


def _certificates(keys: Path, trusted: Path) -> Listener:
    name = "listener.name.ssl"
    lines = [
        *_tls(name, keys), f"{name}.ssl.client.auth=required", f"{name}.ssl.truststore.type=PEM",
        f"{name}.ssl.truststore.location={trusted}",
    ]  # fmt: skip
    return Listener("SSL", free_port(), "\n".join(lines))


def _tls(name: str, keys: Path) -> list[str]:
    return [f"{name}.ssl.keystore.type=PEM", f"{name}.ssl.keystore.location={keys}"]


def by_password(guarded: Guarded, prefix: str, **given: object) -> dict[str, str]:
    """Settings that are let in over TLS, by a password."""
    let_in = {
        "security_protocol": "SASL_SSL", "sasl_username": USER, "sasl_password": SECRET,
        "ssl_cafile": guarded.authority, **given,
    }  # fmt: skip
    return settings(guarded.passwords, prefix, **let_in)


def by_certificate(guarded: Guarded, prefix: str) -> dict[str, str]:
    return settings(
        guarded.certificates, prefix, security_protocol="SSL", ssl_cafile=guarded.authority,
        ssl_certfile=guarded.certificate, ssl_keyfile=guarded.key,
    )  # fmt: skip


def by_scram(guarded: Guarded, prefix: str) -> dict[str, str]:
    return settings(
        guarded.plain, prefix, security_protocol="SASL_PLAINTEXT", sasl_mechanism="SCRAM-SHA-512", sasl_username=USER,
        sasl_password=SECRET,
    )  # fmt: skip


@pytest.mark.parametrize("way", [by_password, by_certificate, by_scram], ids=["password", "certificate", "scram"])
def test_topics_workers_the_service_and_readers_are_let_in(
    guarded: Guarded, prefix: str, tmp_path: Path, way: Callable[[Guarded, str], dict[str, str]]
) -> None:
    given, bootstrap = way(guarded, prefix), guarded.broker.bootstrap
    assert run(given, "topics", "create").returncode == 0
    cluster = Cluster(tmp_path, given)
    try:
        cluster.start()
        until(cluster.ready, cluster)
        with Posted(tmp_path / "data", given) as served:
            assert served.batch(*(track(n, "acme", n) for n in range(3))).status_code == 200
            until(lambda: served.get("/v1/triggers")["triggers"], cluster)
        until(lambda: lag(bootstrap, prefix, given["group"]) == 0, cluster)
        cluster.leave(cluster.workers[0], timeout_s=10.0)
    finally:
        cluster.close()
    assert cluster.failures == []
    (trigger,) = run(given, "tail", "triggers").stdout.splitlines()
    assert json.loads(trigger)["subject"] == "acme"


def test_a_properties_file_of_kafkas_clients_lets_in_as_well(guarded: Guarded, prefix: str, tmp_path: Path) -> None:
    file = tmp_path / "client.properties"
    file.write_text(
        f"bootstrap.servers={guarded.passwords}\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n"
        f"sasl.username={USER}\nsasl.password={SECRET}\nssl.ca.location={guarded.authority}\n"
        f"prefix={prefix}\ngroup={prefix}group\npartitions=1\ncheckpoint_s=0.2\n"
    )
    options = ("--kafka-settings", str(file))
    assert run({}, "topics", "create", *options).returncode == 0
    cluster = Cluster(tmp_path, {})
    try:
        cluster.start(options)
        until(cluster.ready, cluster)
        send(settings(guarded.broker.bootstrap, prefix), [("usage", "acme", track(1))])
        until(lambda: lag(guarded.broker.bootstrap, prefix, f"{prefix}group") == 0, cluster)
    finally:
        cluster.close()


COMMANDS = [
    ("topics", "check"), ("worker", "--port", "0"), ("serve", "--kafka"), ("tail", "scores"), ("configuration", "show"),
    ("dead-letters", "retry", "--reason", "not_json"),
]  # fmt: skip

REFUSED = [
    *((command, {"sasl_password": WRONG}, f"refuses {USER!r} by PLAIN: ") for command in COMMANDS),
    (
        COMMANDS[0], {"sasl_password": WRONG, "sasl_mechanism": "SCRAM-SHA-512"},
        f"refuses {USER!r} by SCRAM-SHA-512: ",
    ),
    (COMMANDS[0], {"sasl_mechanism": "SCRAM-SHA-256"}, f"refuses {USER!r} by SCRAM-SHA-256: "),
    (COMMANDS[0], {"ssl_cafile": ""}, "certificate verify failed"),
]  # fmt: skip


def test_who_is_not_let_in_is_told_so_without_the_secret(guarded: Guarded, prefix: str, tmp_path: Path) -> None:
    def ask(number: int) -> "subprocess.CompletedProcess[str]":
        command, changed, _ = REFUSED[number]
        given = {name: value for name, value in {**by_password(guarded, prefix), **changed}.items() if value}
        return run(given, *command, *(("--data", str(tmp_path / str(number))) if command[0] == "serve" else ()))

    with ThreadPoolExecutor(3) as pool:  # each waits for most of its time
        answers = list(pool.map(ask, range(len(REFUSED))))
    for (command, _, said), done in zip(REFUSED, answers, strict=True):
        assert done.returncode == 2, command
        assert said in done.stderr
        assert guarded.passwords in done.stderr
        assert "Traceback" not in done.stderr
        assert WRONG not in done.stdout + done.stderr
        assert SECRET not in done.stdout + done.stderr


def test_who_shows_no_certificate_where_one_is_asked_for_is_told_so(guarded: Guarded, prefix: str) -> None:
    given = by_certificate(guarded, prefix)
    del given["ssl_certfile"], given["ssl_keyfile"]
    done = run(given, "topics", "check")
    assert done.returncode == 2
    assert f"no TLS with the broker at {guarded.certificates}" in done.stderr
    assert "bad certificate" in done.stderr  # as the broker says of none
