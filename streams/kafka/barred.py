"""Why brokers that listen don't let us in: kafka-python tries again whatever it was, and says that time is over."""

import asyncio
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError, SaslAuthenticationFailed, UnsupportedSaslMechanismError

from streams.kafka.settings import Settings

ANSWER_S_MAX = 5.0
"""For one broker to let us in, or not."""

REFUSAL_S_MAX = 1.0
"""For a broker that takes TLS to say that it does not take our certificate, which it does unasked."""


def reason(settings: Settings) -> str | None:
    """For people, by the first broker that says why; None when none does, and so above all when none listens."""
    for server in settings.connection()["bootstrap_servers"]:
        host, _, port = server.rpartition(":")
        with suppress(OSError, ValueError):  # it does not listen, or is none
            if settings.security_protocol.endswith("SSL") and (why := _untrusted(settings, host, int(port))):
                return f"no TLS with the broker at {server} by ssl_cafile, ssl_certfile and ssl_keyfile: {why}"
            if settings.security_protocol.startswith("SASL") and (why := _refused(settings, host, int(port))):
                return f"the broker at {server} refuses {settings.sasl_username!r} by {settings.sasl_mechanism}: {why}"
    return None


def _untrusted(settings: Settings, host: str, port: int) -> str | None:
    try:
        with (
            socket.create_connection((host, port), ANSWER_S_MAX) as connection,
            settings.ssl_context().wrap_socket(connection, server_hostname=host) as secured,
        ):
            secured.settimeout(REFUSAL_S_MAX)
            with suppress(TimeoutError):  # it waits for us to speak, so all is well
                secured.recv(1)
    except ssl.SSLError as error:
        return str(error)
    return None


def _refused(settings: Settings, host: str, port: int) -> str | None:
    connection = settings.connection()
    del connection["bootstrap_servers"]

    async def enter() -> None:
        (await create_conn(host, port, request_timeout_ms=int(ANSWER_S_MAX * 1000), **connection)).close()

    try:
        with ThreadPoolExecutor(1) as own:  # whoever asks may be within an event loop
            own.submit(asyncio.run, enter()).result()
    except (SaslAuthenticationFailed, UnsupportedSaslMechanismError) as error:
        return str(error)
    except KafkaError:  # something else is wrong
        return None
    return None
