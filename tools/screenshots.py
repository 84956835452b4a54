"""Pictures of every console page, as a user sees it: ``python -m tools.screenshots --help``.

Serves a workspace on a free port of this machine, signs in, opens each page in light and dark,
and writes PNG files. What a page reported as an error is printed; any makes the exit code 1.
"""

import argparse
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe
from typing import Literal

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from api.app import create_app
from api.identity.users import Users
from api.settings import load_settings

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ("--no-sandbox", "--use-angle=swiftshader")
PURPOSE = "页面截图检查"


@contextmanager
def served(workspace: Path, users: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Address of the running console, and the password of ``users``, until the block ends."""
    settings = load_settings(workspace)
    password = token_urlsafe(12)
    with Users.open(settings.paths.state_file("users")) as known:
        for name, role in users:
            known.set(name, role, password)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(create_app(settings), host="127.0.0.1", port=port, log_level="warning")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        until = time.monotonic() + 60
        while not server.started:
            if time.monotonic() > until or not thread.is_alive():
                raise SystemExit("控制台未能启动；请先运行 jinghuan doctor")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", password
    finally:
        server.should_exit = True
        thread.join(timeout=30)


def sign_in(page: Page, base: str, user: str, password: str, purpose: str = PURPOSE) -> None:
    """Sign in and, with a purpose, let findings be read."""
    page.goto(f"{base}/sign-in")
    page.fill("input[name=name]", user)
    page.fill("input[name=password]", password)
    # A page that is still on its way has no field yet.
    with page.expect_navigation(wait_until="load"):
        page.click("button[type=submit]")
    if purpose and page.locator("input[name=purpose]").count():
        page.fill("input[name=purpose]", purpose)
        page.click("text=以此事由查看")


def addresses(page: Page, base: str) -> dict[str, str]:
    """Addresses to open by the name of the picture, found as a user finds them: by links."""
    found = {
        name: f"/{name}" for name in ("leads", "graph", "queries", "models", "review", "intake")
    }
    found = {"board": "/", **found}

    def first(path: str, selector: str, name: str) -> None:
        page.goto(base + path)
        links = page.locator(selector)
        if links.count():
            found[name] = str(links.first.get_attribute("href"))

    first("/leads", "main table a[href^='/leads/XS']", "lead")
    if "lead" in found:
        first(found["lead"], "main a[href^='/entities/org']", "entity")
        found["briefing"] = found["lead"] + "/papers/html"
    if "entity" in found:
        first(found["entity"], "main a[href^='/graph?focus']", "graph_focus")
    first("/queries", "main table a", "query")
    first("/intake", "main table a:has-text('联单')", "intake_files")
    if "intake_files" in found:
        first(found["intake_files"], "main table a", "quarantine")
    found["search"] = "/search?q=%E5%85%AC%E5%8F%B8"
    found["missing"] = "/no-such-page"
    return found


def _listen(page: Page, complaints: list[str]) -> None:
    """Collect what the page complains about."""
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda said: (
            complaints.append(f"{page.url}: {said.text}")
            if said.type in ("error", "warning")
            else None
        ),
    )


def shoot(browser: Browser, base: str, user: str, password: str, out: Path) -> list[str]:
    """Write the pictures; returns what pages complained about."""
    complaints: list[str] = []
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        context = browser.new_context(
            viewport={"width": 1366, "height": 768}, color_scheme=scheme, locale="zh-CN"
        )
        page = context.new_page()
        _listen(page, complaints)
        page.goto(f"{base}/sign-in")
        page.screenshot(path=out / f"sign_in_{scheme}.png")
        sign_in(page, base, user, password)
        for name, path in addresses(page, base).items():
            page.goto(base + path)
            if page.locator("#network-data").count():
                page.wait_for_selector("#network:not([hidden]) canvas")
                page.wait_for_timeout(300)
            page.screenshot(path=out / f"{name}_{scheme}.png", full_page=True)
        context.close()
    return [text for text in complaints if "no-such-page" not in text]


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description="为控制台每一页截图（浅色与深色）")
    parser.add_argument("--workspace", type=Path, required=True, help="工作区目录")
    parser.add_argument("--out", type=Path, required=True, help="图片目录")
    parser.add_argument("--chromium", default=CHROMIUM, help="浏览器程序")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with (
        served(given.workspace, [("screenshots", "analyst")]) as (base, password),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=given.chromium, args=list(ARGUMENTS))
        complaints = shoot(browser, base, "screenshots", password, given.out)
        browser.close()
    for text in complaints:
        sys.stderr.write(text + "\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    raise SystemExit(main())
