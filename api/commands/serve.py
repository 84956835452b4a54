"""serve: API and console of a workspace."""

import errno
import ipaddress
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.context import Context, JsonOption, QuietOption, WorkspaceOption
from api.errors import PortTaken
from api.log import configure_logging
from api.settings import Settings, SettingsError

STARTED_POLL_S = 0.1


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.command("serve")(serve_command)


def serve_command(
    host: Annotated[str, typer.Option(help="监听地址；缺省仅本机")] = "",
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="端口；0 取空闲端口")] = None,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_quiet: QuietOption = False,
) -> None:
    """启动接口与操作台；--json 在可以访问时给出地址."""
    context = Context.build(workspace, is_json, is_quiet)
    with context.services() as services, services.users() as users:
        if not users.count():
            context.output.complain(
                "还没有任何用户，无法登录；请先运行 jinghuan users set 用户名 --role analyst"
            )
    listener = listen(context.settings, host, port)
    url = url_of(listener)

    def say() -> None:
        if is_json:
            context.output.document({"url": url, "api": f"{url}api/v1", "pid": os.getpid()})

    serve(context, listener, say)


def listen(settings: Settings, host: str = "", port: int | None = None) -> socket.socket:
    """An open socket on the address to serve on; port 0 takes a free one.

    Raises
    ------
    PortTaken
        When another process has it.
    SettingsError
        When the address is not one of this machine.
    """
    wanted, number = host or settings.host, settings.port if port is None else port
    listener: socket.socket | None = None
    try:
        found = socket.getaddrinfo(wanted, number, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(found[0], socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(found[4])
        listener.listen(128)
    except OSError as error:
        if listener is not None:
            listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"端口 {wanted}:{number} 已被占用；请用 --port 换一个，或先停止占用它的程序"
            ) from error
        if error.errno == errno.EACCES:
            raise PortTaken(f"没有权限监听 {wanted}:{number}；请用 1024 以上的端口") from error
        raise SettingsError(f"不能监听 {wanted}:{number}：{error.strerror or error}") from error
    return listener


def url_of(listener: socket.socket) -> str:
    """The address that a browser opens."""
    host, port = listener.getsockname()[:2]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    return f"http://[{shown}]:{port}/" if ":" in shown else f"http://{shown}:{port}/"


def serve(
    context: Context, listener: socket.socket, started: Callable[[], None] = lambda: None
) -> None:
    """Serve until the process is told to stop; ``started`` is called when requests are answered."""
    host = str(listener.getsockname()[0])
    if not _is_loopback(host):
        context.output.complain(
            f"注意：正在 {host} 上以明文 HTTP 对外服务；请置于带 TLS 的反向代理之后"
        )
    configure_logging()
    server = web_server(create_app(context.settings))
    context.output.progress("serve", f"{url_of(listener)}（Ctrl+C 停止）")
    threading.Thread(target=_when_started, args=(server, started), daemon=True).start()
    # Stopping by the keyboard is how a service ends, not a failure.
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


def web_server(app: FastAPI) -> uvicorn.Server:
    """The server of an application; it logs the way that the program does."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
    )


def _when_started(server: uvicorn.Server, started: Callable[[], None]) -> None:
    waiting = threading.Event()
    while not server.started:
        if server.should_exit:
            return
        waiting.wait(STARTED_POLL_S)
    started()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def open_browser(url: str) -> bool:
    """Open the page when a screen is there: a text browser would take the terminal."""
    has_screen = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if not has_screen:
        return False
    try:
        return webbrowser.open(url)
    except webbrowser.Error:
        return False
