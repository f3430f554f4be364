"""Who may write, and who may read."""

import hmac
import ipaddress
import re
from base64 import b64decode
from hashlib import sha256
from typing import NamedTuple

from streams.vocabulary import STREAMS

READ_TOKEN = "ACCOUNTPULSE_READ_TOKEN"  # noqa: S105 - it is a name
"""Variable of the environment that holds the token of those who read."""

SECRET_CHARACTERS_MIN = 16
"""A shorter key can be guessed by trying."""

KEYS_MAX = 1_000
"""Write keys; each request is compared with all of them."""

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class AccessError(ValueError):
    """The keys, or the lack of them, don't allow the service to start; never shows a key."""


class WriteKey(NamedTuple):
    """One sender's key. Only its hash is kept."""

    name: str
    digest: bytes
    stream: str | None
    """The stream that everything sent with the key belongs to; None: the path or the vocabulary tells."""


class Access(NamedTuple):
    """The keys of a service. Without any it is open, which is for loopback only."""

    write_keys: tuple[WriteKey, ...] = ()
    read_digest: bytes | None = None

    def writer(self, authorization: str | None) -> WriteKey | None:
        """The key that a request was signed with: `Authorization: Basic base64(key:)`, as Segment's libraries do."""
        scheme, _, credentials = (authorization or "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            user = b64decode(credentials.strip(), validate=True).partition(b":")[0]
        except ValueError:
            return None
        digest = sha256(user).digest()
        found = None
        for key in self.write_keys:  # all of them always: how long it takes tells nothing
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found

    def may_read(self, authorization: str | None) -> bool:
        """Whether a request may read: `Authorization: Bearer token`."""
        if self.read_digest is None:
            return True
        scheme, _, token = (authorization or "").partition(" ")
        digest = sha256(token.strip().encode()).digest()
        return hmac.compare_digest(self.read_digest, digest) and scheme.lower() == "bearer"

    def check(self, host: str) -> list[str]:
        """What is open to whom, for the operator; raises AccessError when that would be more than this machine."""
        missing = []
        if not self.write_keys:
            missing.append("write keys (ACCOUNTPULSE_WRITE_KEYS)")
        if self.read_digest is None:
            missing.append("a read token (ACCOUNTPULSE_READ_TOKEN)")
        if missing and not is_loopback(host):
            raise AccessError(
                f"host {host!r} is reachable by others: set {' and '.join(missing)}, or listen on 127.0.0.1"
            )
        return [f"open to everybody on this machine: no {what.removeprefix('a ')}" for what in missing]


def access(write_keys: str = "", read_token: str = "") -> Access:
    """The access that these texts describe. Raises AccessError.

    write_keys: entries `key`, `key:stream`, `name:key` or `name:key:stream`, separated by commas or line breaks; a line
    that begins with # is a comment. read_token: the token itself; empty means that reading is open.
    """
    lines = [line for line in write_keys.splitlines() if not line.lstrip().startswith("#")]
    entries = [entry.strip() for line in lines for entry in line.split(",") if entry.strip()]
    if len(entries) > KEYS_MAX:
        raise AccessError(f"{len(entries)} write keys, at most {KEYS_MAX}")
    keys = tuple(_key(number, entry) for number, entry in enumerate(entries, 1))
    if len({key.digest for key in keys}) < len(keys):
        raise AccessError("two write keys are the same")
    token = read_token.strip()
    if token and len(token) < SECRET_CHARACTERS_MIN:
        raise AccessError(f"the read token has {len(token)} characters, at least {SECRET_CHARACTERS_MIN} are needed")
    return Access(keys, sha256(token.encode()).digest() if token else None)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the host (a name or an address, no port)."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _key(number: int, entry: str) -> WriteKey:
    name, secret, stream = _parts(number, entry.split(":"))
    where = f"write key {number}"
    if not _NAME.fullmatch(name):
        raise AccessError(f"{where}: the name may hold letters, digits, '_', '.' and '-', at most 64")
    if len(secret) < SECRET_CHARACTERS_MIN:
        raise AccessError(f"{where} ({name}) has {len(secret)} characters, at least {SECRET_CHARACTERS_MIN} are needed")
    if stream is not None and stream not in STREAMS:
        raise AccessError(f"{where} ({name}): unknown stream {stream!r}; allowed: {', '.join(STREAMS)}")
    return WriteKey(name, sha256(secret.encode()).digest(), stream)


def _parts(number: int, parts: list[str]) -> tuple[str, str, str | None]:
    """(name, secret, stream) of an entry; no secret is as short as a stream's name."""
    match parts:
        case [secret]:
            return f"key{number}", secret, None
        case [secret, stream] if stream in STREAMS:
            return f"key{number}", secret, stream
        case [name, secret]:
            return name, secret, None
        case [name, secret, stream]:
            return name, secret, stream
    raise AccessError(f"write key {number} has {len(parts)} parts; allowed: key, key:stream, name:key, name:key:stream")
