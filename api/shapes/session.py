"""Signing in, and who is signed in."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from api.shapes.body import Id, RequestBody, Shape


class SignIn(RequestBody):
    """User name and password."""

    user: Id
    password: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class SessionShape(Shape):
    """A token and whom it stands for; ``expires_at`` is RFC 3339."""

    token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme
    expires_at: str
    user: str
    role: str
    role_title_zh: str


class WhoShape(Shape):
    """Who is signed in, and what the caller reads with the purpose given."""

    user: str
    role: str
    role_title_zh: str
    purpose: str
    case_no: str
    level: str
    may_query: bool
