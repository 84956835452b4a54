"""值班台: what is new, how bad, and did the data arrive whole."""

from collections import Counter
from dataclasses import dataclass

from fastapi import Request, Response

from analytics.registry import MODELS
from api.console.filters import city_text
from api.console.frame import page_router, render
from api.console.session import PageCaller
from api.identity.caller import Caller
from api.identity.sessions import ServicesOf
from api.reading.intake import read_intake
from api.reading.leads import LeadPage, lead_counts, list_leads
from api.services import Services
from casework.lead import LeadFilter
from viz.lead_words import is_closed
from viz.words import DIRECTION_ZH

router = page_router()
NEWEST = 8


@dataclass(frozen=True, slots=True)
class LeadsToday:
    """Counts of leads, and those to look at first."""

    total: int
    by_grade: dict[int, int]
    by_direction: tuple[tuple[str, str, int], ...]
    by_city: tuple[tuple[str, str, int], ...]
    open_count: int
    newest_day: str
    newest_count: int
    severe: LeadPage


def _leads_today(services: Services, caller: Caller) -> LeadsToday:
    by_grade = lead_counts(services, caller, "grade")
    by_model = lead_counts(services, caller, "model")
    by_state = lead_counts(services, caller, "state")
    by_day = lead_counts(services, caller, "opened_on")
    directions: Counter[str] = Counter()
    for model in MODELS:
        directions[model.direction] += by_model.get(model.id, 0)
    cities: Counter[tuple[str, str]] = Counter()
    for code, count in lead_counts(services, caller, "division_code").items():
        known = code if code.isdigit() else ""
        cities[(known[:4], city_text(known))] += count
    newest = max(by_day, default="")
    return LeadsToday(
        total=sum(by_grade.values()),
        by_grade={grade: by_grade.get(str(grade), 0) for grade in (1, 2, 3)},
        by_direction=tuple((d, DIRECTION_ZH[d], directions[d]) for d in sorted(DIRECTION_ZH)),
        by_city=tuple((code, name, n) for (code, name), n in cities.most_common()),
        open_count=sum(n for state, n in by_state.items() if not is_closed(state)),
        newest_day=newest,
        newest_count=by_day.get(newest, 0),
        severe=list_leads(services, caller, LeadFilter(limit=NEWEST)),
    )


@router.get("/")
def board(request: Request, services: ServicesOf, caller: PageCaller) -> Response:
    """The first page; what the caller may not read is named instead of shown."""
    reads_leads = caller.role.lead_scope != "none"
    has_purpose = bool(caller.purpose)
    return render(
        request,
        caller,
        "board.html",
        title="值班台",
        active="board",
        reads_leads=reads_leads,
        today=_leads_today(services, caller) if reads_leads and has_purpose else None,
        intake=read_intake(services, caller) if caller.reads("L2") else None,
    )
