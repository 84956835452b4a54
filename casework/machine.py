"""The state machine of leads, orders and case files, for reading: what may come next and why not.

Source: ``records/data/state_machine.json`` (DOMAIN C2). Guards that the lead itself answers
(grade, who may be told, data gate, evidence) are decided here; the others stay open, they need a
person, a paper or a date.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from casework.lead import GRADE_ZH

Verdict = Literal["holds", "fails", "open"]
INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Timer:
    """Time limit of a step.

    ``calendar`` is natural, working or hours; ``basis`` a legal reference, or ``D`` for design.
    """

    amount: int
    unit: str
    calendar: str
    basis: str


@dataclass(frozen=True, slots=True)
class Transition:
    """One arrow of the machine; ``row`` is its row in DOMAIN C2, ``guard`` empty without one."""

    row: str
    from_state: str
    event: str
    to_state: str
    actor: str
    guard: str
    timer: Timer | None


@dataclass(frozen=True, slots=True)
class Machine:
    """All states and arrows."""

    initial: str
    terminal: frozenset[str]
    states: frozenset[str]
    transitions: tuple[Transition, ...]


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """What a lead says about itself: ``notice`` is its model's, ``evidence_rows`` those cited."""

    grade: int
    notice: str
    is_data_sound: bool
    evidence_rows: int


@dataclass(frozen=True, slots=True)
class Step:
    """A transition that leaves the lead's state, with what its guard says now."""

    transition: Transition
    verdict: Verdict
    reason_zh: str


def _timer(given: list[object] | None) -> Timer | None:
    if given is None:
        return None
    amount, unit, calendar, basis = given
    return Timer(int(str(amount)), str(unit), str(calendar), str(basis))


@cache
def load_machine() -> Machine:
    """Read the shipped machine once per process."""
    text = files("records").joinpath("data", "state_machine.json").read_text(encoding="utf-8")
    given = json.loads(text)
    return Machine(
        initial=given["initial"],
        terminal=frozenset(given["terminal"]),
        states=frozenset(given["states"]),
        transitions=tuple(
            Transition(
                t["row"], t["from"], t["event"], t["to"], t["actor"], t["guard"], _timer(t["timer"])
            )
            for t in given["transitions"]
        ),
    )


def transitions_from(state: str) -> tuple[Transition, ...]:
    """Arrows that leave ``state``, in the order of the machine.

    Raises
    ------
    ValueError
        When the machine has no such state.
    """
    machine = load_machine()
    if state not in machine.states:
        raise ValueError(f"状态机中没有状态 {state}；可用状态：{'、'.join(sorted(machine.states))}")
    return tuple(t for t in machine.transitions if t.from_state == state)


def _notice(facts: LeadFacts) -> str:
    return "仅限内部掌握" if facts.notice == INTERNAL else "可告知企业"


def _graded(wanted: tuple[int, ...], is_internal: bool | None) -> Callable[[LeadFacts], bool]:
    def holds(facts: LeadFacts) -> bool:
        fits = is_internal is None or (facts.notice == INTERNAL) == is_internal
        return facts.grade in wanted and fits

    return holds


DECIDED: dict[str, tuple[Callable[[LeadFacts], bool], Callable[[LeadFacts], str]]] = {
    "grade=1": (_graded((1,), None), lambda f: f"线索为{GRADE_ZH[f.grade]}"),
    "grade=2 and enterprise_notice != internal": (
        _graded((2,), False),
        lambda f: f"线索为{GRADE_ZH[f.grade]}，{_notice(f)}",
    ),
    "grade=3 and enterprise_notice != internal": (
        _graded((3,), False),
        lambda f: f"线索为{GRADE_ZH[f.grade]}，{_notice(f)}",
    ),
    "grade in (3,2) and enterprise_notice = internal": (
        _graded((3, 2), True),
        lambda f: f"线索为{GRADE_ZH[f.grade]}，{_notice(f)}",
    ),
    "data-quality gate passed": (
        lambda f: f.is_data_sound,
        lambda f: "数据质量合格" if f.is_data_sound else "证据所在批次合格率低于95%",
    ),
    ">=1 evidence row per hit": (
        lambda f: f.evidence_rows > 0,
        lambda f: f"已有{f.evidence_rows}条证据",
    ),
}


def next_steps(state: str, facts: LeadFacts) -> list[Step]:
    """Every arrow that leaves ``state`` with its verdict: nothing is moved.

    A guard that the lead cannot answer is ``open``; an arrow without a guard ``holds``.
    """
    steps = []
    for transition in transitions_from(state):
        decided = DECIDED.get(transition.guard)
        if not transition.guard:
            steps.append(Step(transition, "holds", ""))
        elif decided is None:
            steps.append(Step(transition, "open", ""))
        else:
            holds, reason = decided
            steps.append(Step(transition, "holds" if holds(facts) else "fails", reason(facts)))
    return steps
