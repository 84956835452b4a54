"""Addresses that are no page."""

from fastapi import Response
from starlette.exceptions import HTTPException

from api.console.frame import page_router
from api.console.session import PageCaller

router = page_router()


@router.get("/{path:path}")
def lost(caller: PageCaller, path: str) -> Response:  # noqa: ARG001 - known callers get a page
    """A page that leads back; programs get their problem document under ``/api``."""
    raise HTTPException(404, f"没有 /{path}")
