"""线索: which of these is worth an hour."""

from dataclasses import replace
from typing import Annotated

from fastapi import Query, Request, Response

from analytics.registry import MODELS
from api.console.filters import city_text
from api.console.frame import address, page_router, render
from api.console.session import PageCaller
from api.identity.sessions import ServicesOf
from api.reading.leads import lead_counts, list_leads
from casework.lead import LeadFilter
from viz.lead_words import state_zh
from viz.words import model_text

router = page_router()
PAGE = 50


@router.get("/leads")
def page(
    request: Request,
    services: ServicesOf,
    caller: PageCaller,
    grade: Annotated[str, Query(max_length=1, pattern="^[123]?$")] = "",
    model: Annotated[str, Query(max_length=20)] = "",
    state: Annotated[str, Query(max_length=40)] = "",
    division: Annotated[str, Query(max_length=6)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """A page of the list; filters stand in the address and survive it."""
    where = LeadFilter(
        grade=int(grade) if grade else None,
        model=model,
        state=state,
        division=division,
        text=q.strip(),
        after=after,
        limit=PAGE,
    )
    found = list_leads(services, caller, where)
    kept = {"grade": grade, "model": model, "state": state, "division": division, "q": q.strip()}
    cities = sorted({code[:4] for code in lead_counts(services, caller, "division_code")
                     if code.isdigit()})  # fmt: skip
    return render(
        request,
        caller,
        "leads.html",
        title="线索",
        active="leads",
        found=found,
        kept=kept,
        grades=lead_counts(services, caller, "grade"),
        models=[(m.id, model_text(m.name_zh)) for m in MODELS],
        model_names={m.id: model_text(m.name_zh) for m in MODELS},
        states=[(s, state_zh(s)) for s in lead_counts(services, caller, "state")],
        cities=[(code, city_text(code + "00")) for code in cities],
        following=address("/leads", **kept, after=found.next) if found.next else "",
        is_first=not after,
        has_filter=replace(where, after="", limit=50) != LeadFilter(),
    )
