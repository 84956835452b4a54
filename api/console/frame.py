"""The frame of every page: templates, navigation, who is signed in, and errors as pages."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.exceptions import HTTPException

from api.console import filters
from api.errors import Unauthorized
from api.identity.caller import Caller
from api.identity.sessions import SESSION_COOKIE, csrf_token, services_of
from api.identity.tokens import TokenRefused
from api.log import report_unexpected
from api.problems import describe
from records.clock import SHANGHAI


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation; ``icon`` is the path of a 16 by 16 drawing."""

    key: str
    title: str
    href: str
    icon: str
    may_open: Callable[[Caller], bool]


def _reads_business(caller: Caller) -> bool:
    return caller.role.plain_level >= "L2"


PLACES = (
    Place("board", "值班台", "/", "M2 2h5v7H2zM9 2h5v4H9zM9 8h5v6H9zM2 11h5v3H2z", lambda _: True),
    Place(
        "leads",
        "线索",
        "/leads",
        "M3 1v14M3 2h9l-2 3 2 3H3",
        lambda caller: caller.role.lead_scope != "none",
    ),
    Place(
        "explorer",
        "图谱",
        "/graph",
        "M3.5 3.5l9 3-7 7zM3.5 3.5l2 10M2 2h3v3H2zM11 5h3v3h-3zM4 12h3v3H4z",
        _reads_business,
    ),
    Place(
        "queries",
        "查询",
        "/queries",
        "M7 2a5 5 0 1 0 0 10A5 5 0 0 0 7 2M11 11l4 4",
        _reads_business,
    ),
    Place(
        "review",
        "待人工判定",
        "/review",
        "M5.5 2a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM10.5 6a4 4 0 1 0 0 8 4 4 0 0 0 0-8z",
        lambda caller: caller.role.may_judge,
    ),
    Place("models", "模型", "/models", "M1 14h14M3 12V8M7 12V3M11 12V6", _reads_business),
    Place(
        "intake",
        "数据接入",
        "/intake",
        "M8 1v8M5 6l3 3 3-3M2 10v4h12v-4",
        _reads_business,
    ),
    Place(
        "audit",
        "审计",
        "/audit",
        "M8 1l6 2v4c0 4-2.5 6.5-6 8-3.5-1.5-6-4-6-8V3z",
        lambda caller: caller.role.may_audit,
    ),
)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(str(files("api") / "console" / "templates")),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters.FILTERS)
    environment.globals.update(address=address)
    return environment


def address(path: str, **query: object) -> str:
    """An address of this site with the filled parameters only."""
    filled = {name: value for name, value in query.items() if value not in (None, "", 0)}
    return f"{path}?{urlencode(filled)}" if filled else path


ENVIRONMENT = _environment()


def render(
    request: Request,
    caller: Caller | None,
    template: str,
    *,
    title: str,
    active: str = "",
    status: int = 200,
    **values: object,
) -> HTMLResponse:
    """A page as an answer.

    Parameters
    ----------
    caller
        Who is signed in; without one the page has no navigation.
    active
        Key of the navigation entry that is current.
    """
    services = services_of(request)
    session = request.cookies.get(SESSION_COOKIE, "")
    page = ENVIRONMENT.get_template(template).render(
        caller=caller,
        csrf=csrf_token(services, session) if session else "",
        places=[p for p in PLACES if caller and p.may_open(caller)],
        active=active,
        title=title,
        unit_name=services.settings.unit_name,
        now=datetime.now(SHANGHAI),
        here=_here(request),
        **values,
    )
    return HTMLResponse(page, status_code=status)


def _here(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{request.url.path}{query}"


def local_path(wanted: str) -> str:
    """An address to go on to: a path of this site, else the first page."""
    is_local = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if is_local and wanted.isprintable() else "/"


def error_page(request: Request, caller: Caller | None, error: Exception) -> Response:
    """What a person is told about an error: what happened, what to do, a reference number."""
    if isinstance(error, Unauthorized | TokenRefused):
        return RedirectResponse(f"/sign-in?next={quote(_here(request))}", status_code=303)
    if isinstance(error, HTTPException):
        status, title = error.status_code, "没有找到" if error.status_code == 404 else "请求未完成"
        detail = "没有这个页面；请从左侧导航重新进入" if error.status_code == 404 else error.detail
    elif isinstance(error, RequestValidationError):
        status, title, detail = 422, "请求有误", "地址中的参数不符合要求；请从左侧导航重新进入"
    else:
        status, title, detail = describe(error)
    reference = ""
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        reference = report_unexpected(error)
        detail = "页面未能生成，已有数据不受影响；请把下面的编号告诉系统管理员"
    return render(
        request,
        caller,
        "error.html",
        title=title,
        status=status,
        detail=detail,
        reference=reference,
        needs_purpose="查询目的" in detail,
    )


class PageRoute(APIRoute):
    """A route whose errors are pages; whoever is not signed in is led to the sign-in page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with errors turned into pages."""
        original = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await original(request)
            except Exception as error:  # every error of a page is shown as a page
                if request.url.path.startswith("/api/"):
                    raise
                return error_page(request, getattr(request.state, "caller", None), error)

        return handler


def page_router() -> APIRouter:
    """A router for pages."""
    return APIRouter(route_class=PageRoute)
