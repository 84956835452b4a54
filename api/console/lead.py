"""一条线索: why we believe it, and what would clear it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import Path, Request, Response

from analytics.registry import MODELS
from api.console.frame import page_router, render
from api.console.session import PageCaller
from api.errors import NotFound
from api.identity.caller import Caller
from api.identity.roles import ROLES, ROLES_BY_ACTOR
from api.identity.sessions import ServicesOf
from api.reading.briefings import lead_picture, make_paper
from api.reading.leads import read_lead
from api.security import PAPER_POLICY
from casework.evidence import EvidenceRow
from casework.machine import LeadFacts
from viz.canvas import drawing_json
from viz.figure import figure
from viz.funnel import funnel_figure, funnel_of
from viz.grammar import left_out_text, legend_lines, legend_nodes
from viz.lead_words import ACTOR_ZH, GUARD_ZH, event_zh, state_zh
from viz.loop_words import HEADING, balance_of
from viz.model_words import INNOCENT_TEST, MODEL_WORDS
from viz.next_steps import steps_from
from viz.statistic_rows import statistic_rows
from viz.timeline_drawing import strip
from viz.words import grade_text, model_text

router = page_router()
ENTITY_PREFIXES = ("org:", "person:", "vehicle:", "phone:", "address:", "site:", "outlet:")
# More stand folded under them: carriers and trucks of a year fill pages.
SUBJECTS_SHOWN = 12
Number = Annotated[str, Path(max_length=200)]


@dataclass(frozen=True, slots=True)
class Step:
    """A step that the state machine knows from here; ``obstacle`` says why not now."""

    title: str
    leads_to: str
    actor: str
    needs: str
    limit: str
    obstacle: str


@dataclass(frozen=True, slots=True)
class EvidenceGroup:
    """Evidence rows of one dataset."""

    title: str
    agency: str
    rows: tuple[EvidenceRow, ...]


def entity_href(entity_id: str) -> str:
    """Address of an entity's page; empty for ids that have none."""
    return f"/entities/{quote(entity_id)}" if entity_id.startswith(ENTITY_PREFIXES) else ""


def _groups(rows: Sequence[EvidenceRow]) -> list[EvidenceGroup]:
    names = dict.fromkeys((row.dataset_zh, row.agency_zh) for row in rows)
    return [
        EvidenceGroup(title, agency, tuple(r for r in rows if r.dataset_zh == title))
        for title, agency in names
    ]


def _steps(caller: Caller, state: str, facts: LeadFacts) -> list[Step]:
    found = []
    for step in steps_from(state, facts):
        allowed = ROLES_BY_ACTOR.get(step.actor, ())
        if step.verdict == "fails":
            obstacle = f"条件不符：{step.reason_zh}"
        elif step.actor == "system":
            obstacle = "由系统自动执行"
        elif caller.role.name not in allowed:
            who = "、".join(ROLES[name].title_zh for name in allowed)
            obstacle = f"须由{who or ACTOR_ZH.get(step.actor, step.actor)}执行"
        else:
            obstacle = "本版本仅供查看，办理请走线下流程"
        found.append(
            Step(
                event_zh(step.event),
                state_zh(step.to_state),
                ACTOR_ZH.get(step.actor, step.actor),
                GUARD_ZH.get(step.guard, step.guard),
                step.limit_zh,
                obstacle,
            )
        )
    return found


@router.get("/leads/{lead_no}")
def page(request: Request, services: ServicesOf, caller: PageCaller, lead_no: Number) -> Response:
    """The lead with everything that it rests on."""
    view = read_lead(services, caller, lead_no)
    picture = lead_picture(services, caller, view.lead.lead_no)
    model = next((m for m in MODELS if m.id == view.finding.model), None)
    words = MODEL_WORDS.get(view.finding.model)
    facts = LeadFacts(
        grade=view.lead.grade,
        notice=model.notice if model else "internal",
        is_data_sound=view.finding.status == "ok",
        evidence_rows=len(view.evidence),
    )
    return render(
        request,
        caller,
        "lead.html",
        title=view.finding.title,
        active="leads",
        view=view,
        grade=grade_text(view.lead.grade),
        model_name=model_text(model.name_zh) if model else view.finding.model,
        numbers=statistic_rows(view.finding),
        left_out=left_out_text(picture),
        shown_subjects=SUBJECTS_SHOWN,
        looks_for=words.looks_for if words else "",
        checks=words.checks if words else (),
        tests=INNOCENT_TEST,
        picture=picture,
        balance=balance_of(view.finding),
        balance_heading=HEADING,
        has_funnel=funnel_of(view.finding) is not None,
        drawing=drawing_json(picture, entity_href),
        nodes=legend_nodes(picture),
        lines=legend_lines(picture),
        strip=strip(picture.moments),
        groups=_groups(view.evidence),
        citations=list(dict.fromkeys(article.citation for article in view.law)),
        steps=_steps(caller, view.lead.state, facts),
        notes=model.parameter_notes() if model else {},
        entity_href=entity_href,
    )


@router.get("/leads/{lead_no}/figure.svg")
def still(services: ServicesOf, caller: PageCaller, lead_no: Number) -> Response:
    """The static figure, for browsers without scripts and for print."""
    return Response(figure(lead_picture(services, caller, lead_no)), media_type="image/svg+xml")


@router.get("/leads/{lead_no}/funnel.svg")
def funnel(services: ServicesOf, caller: PageCaller, lead_no: Number) -> Response:
    """The funnel plot of a lead that rests on shares of sites."""
    drawn = funnel_of(read_lead(services, caller, lead_no).finding)
    if drawn is None:
        raise NotFound(f"线索 {lead_no} 不以站点异常比例为依据，没有漏斗图")
    return Response(funnel_figure(drawn), media_type="image/svg+xml")


@router.get("/leads/{lead_no}/papers/{form}")
def paper(
    services: ServicesOf,
    caller: PageCaller,
    lead_no: Number,
    form: Annotated[str, Path(max_length=20)],
) -> Response:
    """The briefing or the offline network, to look at (html) or to keep (all others)."""
    made = make_paper(services, caller, lead_no, form)
    headers = {"Content-Security-Policy": PAPER_POLICY}
    if form != "html":
        headers["Content-Disposition"] = f'attachment; filename="{quote(made.filename)}"'
    return Response(made.content, media_type=made.media_type, headers=headers)
