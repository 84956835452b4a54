"""The tool that makes pictures of pages, against a console that answers slowly."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.e2e.console_site import browser
from tools.screenshots import sign_in

pytestmark = pytest.mark.browser
SIGN_IN = (
    "<form method=post><input name=name><input name=password><button type=submit>登录</button>"
)
PURPOSE = "<form action=/purpose><input name=purpose><button type=submit>以此事由查看</button>"


class SlowConsole(BaseHTTPRequestHandler):
    """A sign-in form, and a page whose question for the purpose comes late."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self._answer(SIGN_IN if self.path == "/sign-in" else "")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(0.5)
        self._answer("<p>值班台</p>" + " " * 4096, PURPOSE)

    def _answer(self, *parts: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        for number, part in enumerate(parts):
            time.sleep(number)
            self.wfile.write(part.encode())
            self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def console() -> Iterator[tuple[str, list[str]]]:
    """Address of the console, and the paths that it was asked for."""
    asked: list[str] = []
    handler = type("Handler", (SlowConsole,), {"asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_purpose_is_given_however_late_the_page_comes(
    console: tuple[str, list[str]],
) -> None:
    base, asked = console
    with browser() as chromium:
        page = chromium.new_page()
        sign_in(page, base, "analyst", "geheim", "核查")
    assert any(path.startswith("/purpose?purpose=") for path in asked), asked
