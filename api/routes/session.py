"""Sign in, who am I, sign out."""

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Response

from api.identity.caller import Caller
from api.identity.roles import ROLES
from api.identity.sessions import CallerOf, ServicesOf, end_session
from api.identity.users import SignInRefused
from api.shapes.problem import problems
from api.shapes.session import SessionShape, SignIn, WhoShape
from records.clock import SHANGHAI

router = APIRouter(prefix="/api/v1", tags=["登录 session"])


@router.post(
    "/session",
    response_model=SessionShape,
    summary="登录，取得令牌 sign in",
    responses=problems(400, 401, 422),
)
def sign_in(services: ServicesOf, body: SignIn) -> SessionShape:
    """A bearer token for the hours of the settings; five failures lock the account."""
    try:
        with services.users() as users:
            user = users.sign_in(body.user, body.password)
    except SignInRefused as error:
        with services.audit() as audit:
            audit.record(body.user, "", "sign_in.refused", "session", detail=str(error))
        raise
    role = ROLES[user.role]
    services.record(Caller(user.name, role), "sign_in", "session")
    ends = datetime.now(UTC) + timedelta(hours=services.settings.session_hours)
    return SessionShape(
        token=services.tokens.issue(user.name, user.role),
        expires_at=ends.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        user=user.name,
        role=role.name,
        role_title_zh=role.title_zh,
    )


@router.get(
    "/session",
    response_model=WhoShape,
    summary="当前登录者 who am I",
    responses=problems(401, 403, 422),
)
def who(caller: CallerOf) -> WhoShape:
    """The user, the role and the level that purpose and case number open now."""
    return WhoShape(
        user=caller.user,
        role=caller.role.name,
        role_title_zh=caller.role.title_zh,
        purpose=caller.purpose,
        case_no=caller.case_no,
        level=caller.level,
        may_query=caller.role.may_query,
    )


@router.delete(
    "/session",
    status_code=204,
    summary="退出 sign out",
    responses=problems(401, 403, 422),
)
def sign_out(services: ServicesOf, caller: CallerOf) -> Response:
    """Forget the browser's cookies; a bearer token ends by itself."""
    services.record(caller, "sign_out", "session")
    response = Response(status_code=204)
    end_session(response)
    return response
