"""待人工判定: which pairs should a person look at, most useful first, and what people said."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.console.frame import address, page_router, render
from api.console.lead import entity_href
from api.console.session import PageCaller
from api.deciding.judgements import judge, undo
from api.identity.sessions import ServicesOf
from api.reading.judgements import list_judgements
from api.reading.review import ReviewItem, list_review
from api.reading.sides import SideAsked
from viz.resolution_words import QUESTION_ZH, VERDICT_ZH
from viz.waterfall import Waterfall, waterfall

router = page_router()
LISTED, RECENT = 10, 8
RowText = Annotated[str, Form(max_length=300)]
RoleText = Annotated[str, Form(max_length=60)]


@dataclass(frozen=True, slots=True)
class Card:
    """A pair with its drawing."""

    item: ReviewItem
    drawing: Waterfall


@router.get("/review")
def page(
    request: Request,
    services: ServicesOf,
    caller: PageCaller,
    after: Annotated[str, Query(max_length=60)] = "",
    done: Annotated[int, Query(ge=0)] = 0,
    undone: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """The queue, and the newest judgements with a way to take them back."""
    found = list_review(services, caller, after, LISTED)
    recent = list_judgements(services, caller, limit=RECENT)
    return render(
        request,
        caller,
        "review.html",
        title="待人工判定",
        active="review",
        found=found,
        cards=[Card(item, waterfall(item.step, found.threshold_bits)) for item in found.items],
        recent=recent.items,
        questions=QUESTION_ZH,
        verdicts=VERDICT_ZH,
        done=done,
        undone=undone,
        is_first=not after,
        following=address("/review", after=found.next) if found.next else "",
        entity_href=entity_href,
    )


@router.post("/review")
def decide(
    services: ServicesOf,
    caller: PageCaller,
    row_a: RowText,
    role_a: RoleText,
    row_b: RowText,
    role_b: RoleText,
    verdict: Annotated[Literal["same", "different", "unsure"], Form()],
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Keep the judgement and go on with the queue."""
    sides = (SideAsked(row=row_a, role=role_a), SideAsked(row=row_b, role=role_b))
    made = judge(services, caller, sides, verdict, reason)
    return RedirectResponse(address("/review", done=made.number), status_code=303)


@router.post("/review/undo")
def take_back(
    services: ServicesOf, caller: PageCaller, number: Annotated[int, Form(ge=1)]
) -> Response:
    """Take a judgement back and go on with the queue."""
    made = undo(services, caller, number)
    return RedirectResponse(address("/review", undone=made.number), status_code=303)
