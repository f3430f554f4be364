"""What the operator of the Kafka runtime may set: by the environment, and by a file such as Kafka's clients have."""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from scoring.cells.cell import HORIZON_DAYS
from scoring.document import parse_duration
from streams.vocabulary import STREAMS

ENV_PREFIX = "ACCOUNTPULSE_KAFKA_"

FILE_NAMES = {
    "bootstrap.servers": "bootstrap_servers",
    "security.protocol": "security_protocol",
    "sasl.mechanism": "sasl_mechanism",
    "sasl.mechanisms": "sasl_mechanism",  # librdkafka's name
    "sasl.username": "sasl_username",
    "sasl.password": "sasl_password",
    "ssl.ca.location": "ssl_cafile",
    "ssl.certificate.location": "ssl_certfile",
    "ssl.key.location": "ssl_keyfile",
    "ssl.key.password": "ssl_password",
}
"""Keys of a client's properties file, as most Kafka clients name them."""

INSTEAD = {
    "sasl.jaas.config": "write sasl.username and sasl.password",
    "ssl.truststore.location": "write ssl.ca.location, a PEM file",
    "ssl.keystore.location": "write ssl.certificate.location and ssl.key.location, PEM files",
}
"""Keys that only Java's client understands, and what says the same here."""

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]*$", max_length=100)]


def _durations(text: object) -> object:
    """Seconds by stream of a text such as "usage=3d,cs=2w"; what is no text is left as it is."""
    if not isinstance(text, str):
        return text
    found: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        stream, equals, duration = (side.strip() for side in part.partition("="))
        if not equals or stream not in STREAMS or stream in found:
            raise ValueError(f"{part!r}: write STREAM=DURATION, each stream once; streams: {', '.join(STREAMS)}")
        found[stream] = parse_duration(duration)
        if not found[stream]:
            raise ValueError(f"{part!r}: at least 1s")
    return found


class SettingsError(ValueError):
    """Settings that can't be used: each with its name, and what is allowed."""


class Settings(BaseSettings):
    """Times in seconds, sizes in bytes, unless the name says otherwise."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, frozen=True, extra="forbid")

    bootstrap_servers: str = "127.0.0.1:9092"
    """host:port of some brokers, separated by commas."""

    security_protocol: Protocol = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    ssl_cafile: Path | None = None
    """PEM file of who may sign the brokers' certificates; without one, the system's."""

    ssl_certfile: Path | None = None
    ssl_keyfile: Path | None = None
    ssl_password: SecretStr | None = None

    prefix: Name = ""
    """Put before the name of every topic, so that several of us can share a cluster."""

    group: Annotated[Name, Field(min_length=1)] = "accountpulse"
    """Of the consumers who share the work; also the application's id."""

    instance: Annotated[Name, Field(min_length=1)] | None = None
    """A name of this worker that stays the same when it is restarted (a pod's, a host's): then a restart within the
    session time-out moves no partition.
    """

    partitions: Annotated[int, Field(ge=1, le=1_000)] = 8
    """Of every topic that is keyed by account. It can't be changed later, since an account would then live elsewhere;
    it bounds how many workers can share the work."""

    replication: Annotated[int, Field(ge=1, le=9)] = 1
    """Brokers that hold each topic. One, so that a single broker will do; production wants 3."""

    events_days: Annotated[int, Field(gt=HORIZON_DAYS, le=3_650)] = 800
    """How long events are kept: records can be rebuilt from as many days, so more than their horizon."""

    triggers_days: Annotated[int, Field(ge=1, le=3_650)] = 800
    dead_letters_days: Annotated[int, Field(ge=1, le=3_650)] = 90

    checkpoint_s: Annotated[float, Field(ge=0.05, le=60.0)] = 1.0
    """How long changes are gathered before they are written; a trigger does not wait for it."""

    chunk_records_max: Annotated[int, Field(ge=1, le=100_000)] = 32_000
    """Messages applied together at most."""

    session_timeout_s: Annotated[float, Field(ge=1.0, le=300.0)] = 10.0
    """After so long without a sign of a worker, its partitions go to others."""

    heartbeat_s: Annotated[float, Field(ge=0.1, le=60.0)] = 2.0

    accounts_in_memory_max: Annotated[int, Field(ge=100, le=10_000_000)] = 50_000
    """Accounts of a partition held as objects, some 6 KB each; of the others there are only the bytes, some 600."""

    records_directory: Annotated[Path | None, BeforeValidator(lambda given: given or None)] = None
    """Where the records of a worker's partitions lie, on a disk of its machine; empty for its memory. What is there is
    a copy of the topic that holds them, and goes when the worker ends.
    """

    message_bytes_max: Annotated[int, Field(ge=100_000, le=100_000_000)] = 1_048_576
    """Largest record that can be written; the topic's max.message.bytes goes with it."""

    dead_letter_share_max: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    """If more of a chunk is refused, and more than dead_letters_min, the worker stops: something is wrong upstream."""

    dead_letters_min: Annotated[int, Field(ge=0)] = 100

    dark_after: Annotated[dict[str, float], NoDecode, BeforeValidator(_durations)] = Field({"usage": 3 * 86_400.0})
    """How long a stream may be quiet, by stream, written "usage=3d,cs=2w". After that it is dark, and nobody's silence
    counts. The default is that of the other runtimes: a long weekend is no outage."""

    patience_s: Annotated[float, Field(ge=10.0, le=3_600.0)] = 120.0
    """A worker to which messages come, and of which nothing becomes durable for so long, ends itself."""

    metrics_host: str = "127.0.0.1"
    """Address at which a worker answers /metrics, /healthz and /readyz. Beyond loopback, a read token is required."""

    metrics_port: Annotated[int, Field(ge=0, le=65_535)] = 9_464
    """Port of these; 0 is any free one."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.security_protocol.startswith("SASL") and not (self.sasl_username and self.sasl_password):
            raise ValueError(
                f"security_protocol {self.security_protocol} needs sasl_username and sasl_password; not both are set"
            )
        if self.ssl_keyfile and not self.ssl_certfile:
            raise ValueError("ssl_keyfile without ssl_certfile: a key alone proves nothing")
        if self.heartbeat_s * 3 > self.session_timeout_s:
            raise ValueError(
                f"heartbeat_s {self.heartbeat_s} with session_timeout_s {self.session_timeout_s}: at most a third of it"
            )
        return self

    def connection(self) -> dict[str, Any]:
        """What aiokafka's and kafka-python's clients take to connect."""
        found: dict[str, Any] = {
            "bootstrap_servers": [server.strip() for server in self.bootstrap_servers.split(",")],
            "security_protocol": self.security_protocol,
        }
        if self.security_protocol.endswith("SSL"):
            found["ssl_context"] = self.ssl_context()
        if self.security_protocol.startswith("SASL") and self.sasl_password is not None:
            found |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.sasl_username,
                "sasl_plain_password": self.sasl_password.get_secret_value(),
            }
        return found

    def ssl_context(self) -> ssl.SSLContext:
        """What TLS checks, and shows of us. SettingsError when a file can't be used."""
        try:
            context = ssl.create_default_context(cafile=self.ssl_cafile)
        except OSError as error:
            raise SettingsError(f"ssl_cafile {self.ssl_cafile}: no PEM file of certificates: {error}") from None
        if self.ssl_certfile is not None:
            # without one OpenSSL would ask for it on a terminal
            password = "" if self.ssl_password is None else self.ssl_password.get_secret_value()
            try:
                context.load_cert_chain(self.ssl_certfile, self.ssl_keyfile, password)
            except (OSError, ValueError) as error:
                raise SettingsError(
                    f"ssl_certfile {self.ssl_certfile}, ssl_keyfile {self.ssl_keyfile}: no PEM files of a certificate"
                    f" and of its key, under ssl_password: {error}"
                ) from None
        return context


def load_settings(file: Path | None = None, **given: Any) -> Settings:
    """The settings of the environment, over those of a file, over the defaults; `given` wins over all.

    Raises SettingsError with every problem, and never with a secret.
    """
    from_file, places = ({}, {}) if file is None else _read(file)
    variables = {name: name.removeprefix(ENV_PREFIX).lower() for name in os.environ if name.startswith(ENV_PREFIX)}
    unknown = [
        f"{name}: not a setting; allowed: {', '.join(ENV_PREFIX + known.upper() for known in Settings.model_fields)}"
        for name, field in variables.items()
        if field not in Settings.model_fields
    ]
    if unknown:
        raise SettingsError("\n".join(unknown))

    class Loaded(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, InitSettingsSource(settings_cls, from_file)

    try:
        # of a class that other processes can find: the one that feeds the scorecard is handed these
        return Settings(**Loaded(**given).model_dump())
    except ValidationError as error:
        over = {*given, *variables.values()}
        told = {name: place for name, place in places.items() if name not in over}
        raise SettingsError("\n".join(_problem(found, told) for found in error.errors())) from None


def _read(file: Path) -> tuple[dict[str, str], dict[str, str]]:
    """The settings of a properties file, and where each stands, with its key there."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: can't be read: {error}") from None
    found: dict[str, str] = {}
    places: dict[str, str] = {}
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        key, equals, value = (part.strip() for part in line.partition("="))
        if not line.strip() or key.startswith(("#", "!")):
            continue
        name = FILE_NAMES.get(key, key.replace(".", "_"))
        if key in INSTEAD:
            problems.append(f"{file}:{number}: {key} is Java's; {INSTEAD[key]}")
        elif not equals or name not in Settings.model_fields:
            allowed = sorted({*FILE_NAMES, *(set(Settings.model_fields) - set(FILE_NAMES.values()))})
            problems.append(f"{file}:{number}: {key!r} is not known; allowed: {', '.join(allowed)}")
        else:
            found[name], places[name] = value, f"{file}:{number}: {key}"
    if problems:
        raise SettingsError("\n".join(problems))
    return found, places


def _problem(found: Any, places: Mapping[str, str]) -> str:
    name = ".".join(str(part) for part in found["loc"])
    if not name:
        return str(found["msg"]).removeprefix("Value error, ")
    secret = isinstance(found["input"], SecretStr) or "password" in name
    value = "" if secret else f", not {found['input']!r}"
    place = places.get(name, f"{name} ({ENV_PREFIX}{name.upper()})")
    return f"{place}: {found['msg']}{value}"
