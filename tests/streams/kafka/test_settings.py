"""Settings from the environment and from files as Kafka's clients have them."""

from pathlib import Path

import pytest

from streams.kafka.settings import ENV_PREFIX, SettingsError, load_settings

CLIENT = """\
# as librdkafka's users write it
bootstrap.servers = one:9092, two:9092
security.protocol=SASL_PLAINTEXT
sasl.mechanisms=SCRAM-SHA-512

sasl.username=pulse
sasl.password=of=secrets
"""


def test_the_environment_wins_over_the_file_and_the_file_over_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "client.properties"
    file.write_text(CLIENT)
    monkeypatch.setenv(f"{ENV_PREFIX}SASL_USERNAME", "somebody")
    settings = load_settings(file, partitions=3)
    assert (settings.sasl_username, settings.sasl_mechanism, settings.partitions) == ("somebody", "SCRAM-SHA-512", 3)
    assert settings.group == "accountpulse"
    assert settings.connection() == {
        "bootstrap_servers": ["one:9092", "two:9092"],
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "somebody",
        "sasl_plain_password": "of=secrets",
    }


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "client.properties"
    file.write_text(CLIENT)
    assert "of=secrets" not in f"{load_settings(file)!r} {load_settings(file)}"
    file.write_text(CLIENT.replace("pulse", "").replace("SCRAM-SHA-512", "of=secrets"))
    with pytest.raises(SettingsError) as refused:
        load_settings(file, sasl_password=7)
    assert "7" not in str(refused.value).partition("sasl_password")[2]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"partitions": 0}, r"partitions \(ACCOUNTPULSE_KAFKA_PARTITIONS\): .*greater than or equal to 1, not 0"),
        ({"events_days": 100}, r"events_days .*greater than 400, not 100"),
        ({"security_protocol": "TLS"}, r"security_protocol .*'PLAINTEXT', 'SSL'.*, not 'TLS'"),
        ({"security_protocol": "SASL_SSL"}, "SASL_SSL needs sasl_username and sasl_password"),
        ({"heartbeat_s": 5.0}, r"heartbeat_s 5.0 with session_timeout_s 10.0: at most a third"),
        ({"ssl_keyfile": "key.pem"}, "ssl_keyfile without ssl_certfile"),
        ({"prefix": "our topics/"}, "prefix .*pattern"),
        ({"group": ""}, "group .*at least 1 character"),
    ],
)
def test_what_can_not_be_is_refused_with_its_name_and_what_is_allowed(given: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load_settings(None, **given)


def test_every_bad_line_of_a_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "client.properties"
    file.write_text("bootstrap.servers=a:1\nsasl.jaas.config=org...\nacks=all\nnonsense\n")
    with pytest.raises(SettingsError) as refused:
        load_settings(file)
    first, second, third = str(refused.value).splitlines()
    assert first.endswith(":2: sasl.jaas.config is Java's; write sasl.username and sasl.password")
    assert ":3: 'acks' is not known; allowed: " in second
    assert ":4: 'nonsense' is not known" in third


def test_a_bad_value_is_named_by_where_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "client.properties"
    file.write_text("# ours\ncheckpoint.s = 900\npartitions=abc\nssl.key.password=hush\nsasl.mechanisms=GSSAPI\n")
    monkeypatch.setenv("ACCOUNTPULSE_KAFKA_PARTITIONS", "0")
    with pytest.raises(SettingsError) as refused:
        load_settings(file)
    mechanism, partitions, checkpoint = str(refused.value).splitlines()
    assert mechanism.startswith(f"{file}:5: sasl.mechanisms: ")
    assert partitions.startswith("partitions (ACCOUNTPULSE_KAFKA_PARTITIONS): ")
    assert checkpoint == f"{file}:2: checkpoint.s: Input should be less than or equal to 60, not '900'"


def test_a_misspelt_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{ENV_PREFIX}PARTITONS", "4")
    with pytest.raises(SettingsError, match=r"ACCOUNTPULSE_KAFKA_PARTITONS: not a setting; allowed: .*PARTITIONS"):
        load_settings()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.properties: can't be read"):
        load_settings(tmp_path / "nowhere.properties")


def test_how_long_streams_may_be_quiet_is_written_with_units() -> None:
    assert load_settings().dark_after == {"usage": 259_200.0}
    assert load_settings(dark_after="usage=1h, cs=1w2d").dark_after == {"usage": 3_600.0, "cs": 777_600.0}
    assert load_settings(dark_after="").dark_after == {}


@pytest.mark.parametrize("text", ["usage", "usages=1h", "usage=1h,usage=2h", "usage=60", "usage=0s", "usage=-1h"])
def test_what_is_no_time_of_a_stream_is_refused_by_name(text: str) -> None:
    with pytest.raises(SettingsError, match="dark_after"):
        load_settings(dark_after=text)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"ssl_cafile": "nowhere.pem"}, r"ssl_cafile nowhere\.pem: no PEM file of certificates: .*No such file"),
        (
            {"ssl_certfile": "nowhere.pem"},
            r"ssl_certfile nowhere\.pem, .*: no PEM files of a certificate and of its key",
        ),
    ],
)
def test_files_that_are_no_certificates_are_named(given: dict[str, object], said: str) -> None:
    settings = load_settings(None, security_protocol="SSL", **given)
    with pytest.raises(SettingsError, match=said):
        settings.connection()
