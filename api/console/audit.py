"""审计: who looked at what, and why."""

from typing import Annotated

from fastapi import Query, Request, Response

from api.console.frame import page_router, render
from api.console.session import PageCaller
from api.identity.sessions import ServicesOf
from api.reading.trail import read_trail

router = page_router()


@router.get("/audit")
def page(
    request: Request,
    services: ServicesOf,
    caller: PageCaller,
    q: Annotated[str, Query(max_length=100)] = "",
    before: Annotated[int, Query(ge=0, le=10**12)] = 0,
) -> Response:
    """Lines newest first, and whether the chain is whole."""
    trail = read_trail(services, caller, q.strip(), before or None)
    return render(
        request, caller, "audit.html", title="审计", active="audit", trail=trail, wanted=q.strip()
    )
