"""How a request says who asks: a bearer token, or the console's cookie with a token against CSRF.

Purpose and case number come as headers (percent-encoded UTF-8), or from the cookie that the
console keeps beside the session.
"""

import hashlib
import hmac
from contextlib import suppress
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.errors import Forbidden, Unauthorized
from api.identity.caller import Caller
from api.identity.roles import ROLES
from api.identity.users import User
from api.services import Services

SESSION_COOKIE = "jinghuan_session"
PURPOSE_COOKIE = "jinghuan_purpose"
CSRF_HEADER, CSRF_FIELD = "X-CSRF-Token", "csrf_token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
MOST_CHARACTERS = 200

bearer_scheme = HTTPBearer(auto_error=False, description="令牌由 POST /api/v1/session 取得")


def services_of(request: Request) -> Services:
    """The services of the application that answers."""
    services: Services = request.app.state.services
    return services


def csrf_token(services: Services, session: str) -> str:
    """What a form of this session must carry in ``csrf_token``."""
    return hmac.new(
        services.tokens.key.encode(), b"csrf:" + session.encode(), hashlib.sha256
    ).hexdigest()


def start_session(
    request: Request, response: Response, user: User, purpose: str = "", case_no: str = ""
) -> str:
    """Sign the browser in: sets the cookies, and gives the token."""
    services = services_of(request)
    token = services.tokens.issue(user.name, user.role)
    _set_cookie(request, response, SESSION_COOKIE, token)
    keep_purpose(request, response, purpose, case_no)
    return token


def keep_purpose(request: Request, response: Response, purpose: str, case_no: str = "") -> None:
    """Let the requests that follow carry this purpose and case number."""
    value = f"{quote(_clean(purpose), safe='')}|{quote(_clean(case_no), safe='')}"
    _set_cookie(request, response, PURPOSE_COOKIE, value)


def end_session(response: Response) -> None:
    """Sign the browser out."""
    for name in (SESSION_COOKIE, PURPOSE_COOKIE):
        response.delete_cookie(name, path="/")


def _set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    hours = services_of(request).settings.session_hours
    response.set_cookie(
        name,
        value,
        max_age=int(hours * 3600),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


async def current_caller(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer_scheme)] = None,
    x_purpose: Annotated[
        str, Header(max_length=2000, description="查询目的，百分号编码的 UTF-8")
    ] = "",
    x_case_no: Annotated[
        str, Header(max_length=2000, description="案件或线索编号，百分号编码的 UTF-8")
    ] = "",
) -> Caller:
    """Who asks, in which role, for which purpose.

    Raises
    ------
    Unauthorized, TokenRefused
        When nobody is signed in, or no longer.
    Forbidden
        When a cookie comes with a changing request that does not carry its CSRF token.
    """
    services = services_of(request)
    purpose, case_no = _header(x_purpose), _header(x_case_no)
    if bearer is not None:
        token = bearer.credentials
    else:
        token = request.cookies.get(SESSION_COOKIE, "")
        if not token:
            raise Unauthorized("请先登录：POST /api/v1/session 取得令牌，或在首页登录")
        if request.method not in SAFE_METHODS:
            await _check_csrf(request, csrf_token(services, token))
        kept, _, kept_case = request.cookies.get(PURPOSE_COOKIE, "").partition("|")
        purpose, case_no = purpose or _clean(unquote(kept)), case_no or _clean(unquote(kept_case))
    return await run_in_threadpool(_caller, services, token, purpose, case_no)


def _caller(services: Services, token: str, purpose: str, case_no: str) -> Caller:
    identity = services.tokens.read(token)
    with services.users() as users:
        user = users.find(identity.user)
    # A token outlives neither its user nor the user's role.
    if user is None or user.role != identity.role or user.role not in ROLES:
        raise Unauthorized("该用户已停用或角色已变更，请重新登录")
    return Caller(user.name, ROLES[user.role], purpose, case_no)


async def _check_csrf(request: Request, expected: str) -> None:
    given = request.headers.get(CSRF_HEADER, "")
    if not given and request.headers.get("content-type", "").startswith(FORM_TYPES):
        form = await request.form()
        given = str(form.get(CSRF_FIELD, ""))
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise Forbidden("页面已过期或请求并非来自本系统页面；请刷新后重试")


def _header(value: str) -> str:
    """A header's text: percent-encoded, or raw UTF-8 that the server read as Latin-1."""
    with suppress(UnicodeError):
        value = value.encode("latin-1").decode("utf-8")
    return _clean(unquote(value))


def _clean(text: str) -> str:
    return " ".join("".join(c for c in text if c.isprintable()).split())[:MOST_CHARACTERS]


CallerOf = Annotated[Caller, Depends(current_caller)]
ServicesOf = Annotated[Services, Depends(services_of)]
