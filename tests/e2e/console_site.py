"""The console as a user meets it: the real application over a small workspace, a real browser.

Strategy: one workspace from :mod:`tests.e2e.console_inbox` goes through all stages once per module;
tests only read it. A second, empty one shows the empty states.
"""

import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from api.app import create_app
from api.identity.users import Users
from api.jobs import Jobs
from api.settings import load_settings
from tests.e2e.console_inbox import write_inbox

CHROMIUM = Path("/usr/bin/chromium")
PASSWORD = "a password for tests"
USERS = (
    ("analyst", "analyst"),
    ("dispatcher", "dispatcher"),
    ("officer", "officer"),
    ("auditor", "auditor"),
    ("sysadmin", "sysadmin"),
)
VIEWPORT = {"width": 1366, "height": 768}


def make_site(root: Path, *, is_empty: bool = False) -> Path:
    """A workspace with users; with the hand-made inbox through all stages unless empty."""
    settings = load_settings(root, memory_gb=1.0)
    settings.paths.create()
    if not is_empty:
        write_inbox(settings.paths.inbox)
        Jobs(settings).run()
    with Users.open(settings.paths.state_file("users")) as users:
        for name, role in USERS:
            users.set(name, role, PASSWORD)
    return root


@contextmanager
def served(root: Path) -> Iterator[str]:
    """Address of the running application."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = create_app(load_settings(root, memory_gb=1.0))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not server.started and thread.is_alive() and time.monotonic() < until:
        time.sleep(0.02)
    assert server.started, "the application did not start"
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=30)


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium without a window; skipped where there is none, never in CI."""
    if not CHROMIUM.exists() and not os.environ.get("CI"):
        pytest.skip("needs Chromium: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--use-angle=swiftshader"]
        )
        yield started
        started.close()


@dataclass
class Visit:
    """One user in one browser context; collects what pages complain about and ask for."""

    context: BrowserContext
    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda said: (
                self.complaints.append(said.text) if said.type in ("error", "warning") else None
            ),
        )
        self.page.on("request", self._asked)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.outside.append(request.url)

    def sign_in(self, user: str, purpose: str = "") -> "Visit":
        self.page.goto(f"{self.base}/sign-in")
        self.page.fill("input[name=name]", user)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("button[type=submit]")
        if purpose:
            self.page.fill("input[name=purpose]", purpose)
            self.page.click("text=以此事由查看")
        return self

    def open(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page

    def text(self) -> str:
        return self.page.locator("body").inner_text()

    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        return int(
            self.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        )

    def english(self) -> set[str]:
        """English words left in what people read; codes, cells and names of files are none."""
        text = str(
            self.page.evaluate(
                """() => {
                const copy = document.body.cloneNode(true);
                copy.querySelectorAll(
                  'code,.mono,script,style,dd,option,.who,[data-raw],#network'
                ).forEach(e => e.remove());
                document.body.appendChild(copy);
                const text = copy.innerText;
                copy.remove();
                return text;
                }"""
            )
        )
        text = re.sub(r"\S+\.(?:csv|xlsx|json|zip|docx)\b", "", text)
        return set(re.findall(r"[A-Za-z_]{4,}", text)) - ALLOWED


ALLOWED = {"DOCX", "JSON", "Lines", "Enter", "XLSX", "inbox", "jinghuan", "HTML"}


@contextmanager
def visit(
    started: Browser,
    base: str,
    *,
    has_scripts: bool = True,
    is_dark: bool = False,
) -> Iterator[Visit]:
    """A fresh browser context."""
    context = started.new_context(
        viewport={"width": VIEWPORT["width"], "height": VIEWPORT["height"]},
        java_script_enabled=has_scripts,
        color_scheme="dark" if is_dark else "light",
        locale="zh-CN",
    )
    context.set_default_timeout(60_000)
    made = Visit(context, context.new_page(), base)
    made.watch()
    try:
        yield made
    finally:
        context.close()
