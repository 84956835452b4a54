"""The state machine as shipped, and what it offers a lead."""

import json
from importlib.resources import files

import pytest

from casework.machine import DECIDED, LeadFacts, load_machine, next_steps, transitions_from

GIVEN = json.loads(files("records").joinpath("data", "state_machine.json").read_text("utf-8"))


def facts(
    grade: int = 1, notice: str = "neutral", is_data_sound: bool = True, evidence_rows: int = 3
) -> LeadFacts:
    return LeadFacts(grade, notice, is_data_sound, evidence_rows)


def test_every_state_and_transition_is_read() -> None:
    machine = load_machine()
    assert len(machine.states) == 41
    assert len(machine.transitions) == 69
    assert machine.initial == "START"
    assert [
        (t.row, t.from_state, t.event, t.to_state, t.actor, t.guard) for t in machine.transitions
    ] == [
        tuple(t[k] for k in ("row", "from", "event", "to", "actor", "guard"))
        for t in GIVEN["transitions"]
    ]


def test_timers_are_kept() -> None:
    given = [t["timer"] for t in GIVEN["transitions"]]
    read = [
        t.timer and [t.timer.amount, t.timer.unit, t.timer.calendar, t.timer.basis]
        for t in load_machine().transitions
    ]
    assert read == given


def test_ends_are_ends_and_every_other_state_leads_on() -> None:
    machine = load_machine()
    for state in machine.states:
        assert bool(transitions_from(state)) == (state not in machine.terminal), state
    assert {t.to_state for t in machine.transitions} | {"START"} == machine.states


def test_guards_that_are_decided_exist_in_the_machine() -> None:
    assert set(DECIDED) <= {t.guard for t in load_machine().transitions}


SCORED: dict[str, tuple[LeadFacts, str]] = {
    "grade 1": (facts(1), "grade1"),
    "grade 1, internal": (facts(1, "internal"), "grade1"),
    "grade 2": (facts(2), "grade2"),
    "grade 3": (facts(3, "enterprise"), "grade3"),
    "grade 2, internal": (facts(2, "internal"), "watch"),
    "grade 3, internal": (facts(3, "internal"), "watch"),
}


@pytest.mark.parametrize("name", SCORED)
def test_one_way_leads_on_from_scored(name: str) -> None:
    lead, event = SCORED[name]
    steps = next_steps("SCORED", lead)
    assert [s.transition.event for s in steps if s.verdict == "holds"] == [event]
    assert all(s.verdict == "fails" and s.reason_zh for s in steps if s.transition.event != event)


def test_reasons_are_chinese_and_say_what_is() -> None:
    (watch,) = (s for s in next_steps("SCORED", facts(2)) if s.transition.event == "watch")
    assert watch.reason_zh == "线索为二级，可告知企业"
    (score, failed) = next_steps("DETECTED", facts(is_data_sound=False))
    assert (score.verdict, score.reason_zh) == ("fails", "证据所在批次合格率低于95%")
    assert failed.verdict == "holds"


def test_guards_that_need_a_person_stay_open() -> None:
    assert {s.verdict for s in next_steps("ORDER_DRAFT", facts())} == {"open"}
    (sheet,) = next_steps("RESEARCHING", facts(evidence_rows=0))
    assert sheet.verdict == "fails"


def test_an_unknown_state_is_named() -> None:
    with pytest.raises(ValueError, match="NOWHERE"):
        transitions_from("NOWHERE")
