"""Sign in, sign out, and the purpose (查询事由) that opens findings."""

from typing import Annotated

from fastapi import Depends, Form, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from api.console.frame import local_path, page_router, render
from api.identity.caller import Caller
from api.identity.roles import ROLES
from api.identity.sessions import (
    ServicesOf,
    current_caller,
    end_session,
    keep_purpose,
    start_session,
)
from api.identity.users import SignInRefused, User
from api.services import Services

router = page_router()


async def _page_caller(
    request: Request, caller: Annotated[Caller, Depends(current_caller)]
) -> Caller:
    """The caller, kept for the page that an error makes."""
    request.state.caller = caller
    return caller


PageCaller = Annotated[Caller, Depends(_page_caller)]
Text = Annotated[str, Form(max_length=200)]


@router.get("/sign-in")
def sign_in_form(
    request: Request, next_: Annotated[str, Query(alias="next", max_length=2000)] = "/"
) -> Response:
    """The form."""
    return render(
        request, None, "sign_in.html", title="登录", refusal="", name="", next=local_path(next_)
    )


def _sign_in(services: Services, name: str, password: str) -> User:
    try:
        with services.users() as users:
            user = users.sign_in(name, password)
    except SignInRefused as error:
        with services.audit() as audit:
            audit.record(name, "", "sign_in.refused", "session", detail=str(error))
        raise
    services.record(Caller(user.name, ROLES[user.role]), "sign_in", "session")
    return user


@router.post("/sign-in")
async def sign_in(
    request: Request,
    services: ServicesOf,
    name: Text = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next_: Annotated[str, Form(alias="next", max_length=2000)] = "/",
) -> Response:
    """Cookies and the page that was wanted, or the form again with the reason."""
    target = local_path(next_)
    try:
        user = await run_in_threadpool(_sign_in, services, name.strip(), password)
    except SignInRefused as error:
        return render(
            request,
            None,
            "sign_in.html",
            title="登录",
            status=401,
            refusal=str(error),
            name=name.strip(),
            next=target,
        )
    response = RedirectResponse(target, status_code=303)
    start_session(request, response, user)
    return response


@router.post("/sign-out")
def sign_out(services: ServicesOf, caller: PageCaller) -> Response:
    """Forget the cookies."""
    services.record(caller, "sign_out", "session")
    response = RedirectResponse("/sign-in", status_code=303)
    end_session(response)
    return response


@router.post("/purpose")
def set_purpose(
    request: Request,
    services: ServicesOf,
    caller: PageCaller,
    purpose: Text = "",
    case_no: Text = "",
    next_: Annotated[str, Form(alias="next", max_length=2000)] = "/",
) -> Response:
    """Keep the purpose for the requests that follow; an empty one ends it."""
    services.record(caller, "purpose", "session", f"{purpose.strip()}|{case_no.strip()}")
    response = RedirectResponse(local_path(next_), status_code=303)
    keep_purpose(request, response, purpose, case_no if purpose.strip() else "")
    return response
