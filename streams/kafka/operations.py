"""What operators ask a worker: its Prometheus metrics, whether it lives, and whether it is ready."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from streams.http.access import Access

TIMEOUT_S = 10.0
"""How long a client may take to say what it wants."""


class Operations:
    """A small web server in threads of its own, so that it answers though the worker is busy."""

    def __init__(self, registry: CollectorRegistry, ready: Callable[[], bool], access: Access) -> None:
        """registry: of the metrics; ready: whether the worker owns and has restored its partitions."""
        self._registry = registry
        self._ready = ready
        self._access = access
        self._server: ThreadingHTTPServer | None = None

    def start(self, host: str, port: int) -> str:
        """Listen; the URL. AccessError when others could read without a token."""
        if self._access.read_digest is None:
            self._access.check(host)
        server = self._server = ThreadingHTTPServer((host, port), self._handler())
        server.daemon_threads = True
        Thread(target=server.serve_forever, name="operations", daemon=True).start()
        return f"http://{host}:{server.server_address[1]}"

    def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def answer(self, path: str, authorization: str | None) -> tuple[int, str, bytes]:
        """(status, content type, body) of a request."""
        plain = "text/plain; charset=utf-8"
        if path == "/healthz":
            return 200, plain, b"ok\n"
        if path == "/readyz":
            return (200, plain, b"ready\n") if self._ready() else (503, plain, b"not ready: partitions are restored\n")
        if path != "/metrics":
            return 404, plain, b"there are /metrics, /healthz and /readyz\n"
        if not self._access.may_read(authorization):
            return 401, plain, b"a read token is needed: Authorization: Bearer ...\n"
        return 200, CONTENT_TYPE_LATEST, generate_latest(self._registry)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self.answer

        class Handler(BaseHTTPRequestHandler):
            timeout = TIMEOUT_S

            def do_GET(self) -> None:
                status, kind, body = answer(self.path.partition("?")[0], self.headers.get("Authorization"))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                if status == 401:
                    self.send_header("WWW-Authenticate", "Bearer")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                """A scrape every few seconds is no news."""

        return Handler
