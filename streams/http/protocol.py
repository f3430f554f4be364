"""uvicorn's reading of HTTP, with a limit to what comes beside bodies: its parser (httptools) has none of its own."""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES_MAX = 65_536
"""Of a request's line and headers: eight times what browsers and proxies send at most."""

HEADERS_MAX = 100
"""As many as Apache and Go's proxies take."""

TOO_LARGE = "The request's headers are over the limit of %d bytes or %d headers."


class _TooLarge(Exception):
    """Ends the parser's work."""


class BoundedProtocol(HttpToolsProtocol):
    """Answers 431 and closes the connection where a request's head goes beyond the limits."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._head_bytes = 0
        self._refused = False
        self._heard = False
        """Whether the parser made anything of what was last received."""
        self._unheard_bytes = 0
        """Received of what it made nothing yet: it keeps a header that has not ended."""

    def data_received(self, data: bytes) -> None:
        """As the base."""
        self._heard = False
        super().data_received(data)
        self._unheard_bytes = 0 if self._heard else self._unheard_bytes + len(data)
        if self._unheard_bytes > HEAD_BYTES_MAX and not self.transport.is_closing():
            self._refused = True
            self.send_400_response("")

    def on_message_begin(self) -> None:
        """As the base."""
        super().on_message_begin()
        self._head_bytes = 0

    def on_url(self, url: bytes) -> None:
        """As the base."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """As the base; of trailers as well."""
        self._count(len(name) + len(value))
        super().on_header(name, value)
        if len(self.headers) > HEADERS_MAX:
            self._refuse()

    def on_body(self, body: bytes) -> None:
        """As the base."""
        self._heard = True
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        """As the base, or 431 where that is the reason."""
        if not self._refused:
            super().send_400_response(msg)
            return
        told = (TOO_LARGE % (HEAD_BYTES_MAX, HEADERS_MAX)).encode()
        head = (
            "HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
            f"content-length: {len(told)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + told)
        self.transport.close()

    def _count(self, size: int) -> None:
        self._heard = True
        self._head_bytes += size
        if self._head_bytes > HEAD_BYTES_MAX:
            self._refuse()

    def _refuse(self) -> None:
        self._refused = True
        raise _TooLarge
