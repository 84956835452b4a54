"""Search from everywhere: by name, code, plate, phone or lead number."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse

from api.console.frame import page_router, render
from api.console.lead import entity_href
from api.console.session import PageCaller
from api.identity.sessions import ServicesOf
from api.reading.search import SearchAnswer, search

router = page_router()
SHORTEST = 2
Text = Annotated[str, Query(max_length=200)]


@router.get("/search")
def page(request: Request, services: ServicesOf, caller: PageCaller, q: Text = "") -> Response:
    """What was found; a lead number leads to the lead at once."""
    wanted = q.strip()
    if wanted.upper().startswith("XS") and wanted[2:].isdigit():
        return RedirectResponse(f"/leads/{quote(wanted.upper())}", status_code=303)
    found = (
        search(services, caller, wanted, limit=50)
        if len(wanted) >= SHORTEST
        else SearchAnswer((), False)
    )
    return render(
        request,
        caller,
        "search.html",
        title="检索",
        wanted=wanted,
        found=found,
        shortest=SHORTEST,
        entity_href=entity_href,
    )


@router.get("/search/suggestions")
def suggestions(
    request: Request, services: ServicesOf, caller: PageCaller, q: Text = ""
) -> Response:
    """The first few, for the list under the search field."""
    wanted = q.strip()
    found = search(services, caller, wanted, limit=8) if len(wanted) >= SHORTEST else None
    return render(
        request,
        caller,
        "suggestions.html",
        title="",
        found=found,
        wanted=wanted,
        entity_href=entity_href,
    )
