"""Every code that people may meet has a Chinese word."""

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from analytics.registry import MODELS
from api.console.filters import MENTION_ROLE_ZH
from casework.machine import LeadFacts
from records.mentions import load_mentions
from viz.grammar import ROLE_ZH
from viz.lead_words import ACTOR_ZH, EVENT_ZH, GUARD_ZH, STATE_ZH
from viz.model_words import INNOCENT_ZH, MODEL_WORDS, STATISTIC_ZH, statistic_zh
from viz.next_steps import steps_from
from viz.words import (
    DIRECTION_ZH,
    REASON_ZH,
    UNIT_ZH,
    dataset_text,
    evidence_role_text,
    model_text,
    number_text,
    searched_text,
)

SOURCES = Path(__file__).parents[3] / "analytics"
MACHINE = json.loads((files("records") / "data" / "state_machine.json").read_text("utf-8"))


def emitted(pattern: str) -> set[str]:
    """What the models' sources name literally."""
    found: set[str] = set()
    for path in SOURCES.rglob("*.py"):
        found |= set(re.findall(pattern, path.read_text("utf-8"), re.S))
    return found


def test_numbers_of_models_have_names() -> None:
    names = emitted(r"Statistic\(\s*\"(\w+)\"")
    assert len(names) > 10
    assert names <= set(STATISTIC_ZH), sorted(names - set(STATISTIC_ZH))


def test_innocent_explanations_have_names() -> None:
    codes = emitted(r"InnocentCheck\(\s*\"(\w+)\"")
    assert len(codes) > 3
    assert codes <= set(INNOCENT_ZH), sorted(codes - set(INNOCENT_ZH))


@pytest.mark.parametrize("model", [m.id for m in MODELS])
def test_every_model_says_what_it_looks_for_and_whom_to_send(model: str) -> None:
    words = MODEL_WORDS[model]
    assert words.looks_for.endswith("。")
    assert words.checks
    assert all("：" in check for check in words.checks)


def test_directions_of_models_have_names() -> None:
    assert {m.direction for m in MODELS} <= set(DIRECTION_ZH)


def test_states_events_actors_and_guards_have_words() -> None:
    steps = MACHINE["transitions"]
    assert set(MACHINE["states"]) <= set(STATE_ZH)
    assert {s["event"] for s in steps} <= set(EVENT_ZH)
    assert {s["actor"] for s in steps} <= set(ACTOR_ZH)
    assert {s["guard"] for s in steps if s["guard"]} <= set(GUARD_ZH)


def test_next_steps_are_those_of_the_machine() -> None:
    facts = LeadFacts(grade=1, notice="internal", is_data_sound=True, evidence_rows=3)
    wanted = [(s["event"], s["to"]) for s in MACHINE["transitions"] if s["from"] == "SCORED"]
    assert [(s.event, s.to_state) for s in steps_from("SCORED", facts)] == wanted
    assert steps_from("CLOSED_PENALTY", facts) == []
    assert next(iter(steps_from("DISPATCHED", facts))).limit_zh == "1 个工作日"


def test_roles_of_mentions_have_words() -> None:
    roles = {m.role for m in load_mentions()}
    assert roles <= set(MENTION_ROLE_ZH), sorted(roles - set(MENTION_ROLE_ZH))


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (122.7, "t", "122.7 吨"),
        (123456.0, "yuan", "12.35 万元"),
        (0.0, "t", "0 吨"),
        (0.9671, "1", "0.9671"),
        (1234.56, "t", "1234.6 吨"),
        (0.0000123, "1", "1.2e-05"),
    ],
)
def test_numbers_are_written_plainly(value: float, unit: str, text: str) -> None:
    assert number_text(value, unit) == text


@pytest.mark.parametrize(
    ("role", "text"),
    [
        ("edge 1", "第1环"),
        ("loop 2 edge 3", "第2圈第3环"),
        ("shared phone", "共用电话"),
        ("", "证据"),
        ("监测值", "监测值"),
        ("edge 2 seen", "第2环途中记录"),
        ("node 1 shell age_days", "第1家成立天数"),
        ("likeness photo", "相同的照片"),
    ],
)
def test_roles_of_evidence_are_told_in_chinese(role: str, text: str) -> None:
    assert evidence_role_text(role) == text


def test_searches_are_told_in_chinese() -> None:
    line = "checkpoint_pass 2026-10-01..10-09 plate 苏A12345: none"
    told = searched_text(line)
    assert told == "卡口过车记录 2026-10-01 至 10-09 车牌 苏A12345：未发现"
    assert searched_text("自由文字") == "自由文字"
    assert searched_text("likeness photo: none") == "相同手法 照片：未发现"
    assert searched_text("age_days 甲公司: not met") == "成立天数 甲公司：不符合"


def test_numbers_of_parties_of_a_chain_are_told_by_party() -> None:
    assert statistic_zh("node2_age_days") == "第2家成立天数"
    assert statistic_zh("node1_shared_phone_degree") == "第1家共用电话的关联单位数"


def test_units_of_models_have_words() -> None:
    units = emitted(r"Statistic\(\s*\"\w+\",[^()]*?(?:\([^()]*\)[^()]*?)*,\s*\"([\w/%]+)\"")
    assert units <= set(UNIT_ZH), sorted(units - set(UNIT_ZH))


def test_roles_of_organisations_have_words() -> None:
    text = files("ingest.resolve").joinpath("data", "roles.csv").read_text(encoding="utf-8")
    roles = {line.split(",")[2] for line in text.splitlines()[1:]}
    assert "discharger" in roles
    known = {*MENTION_ROLE_ZH, *ROLE_ZH}
    assert roles <= known, sorted(roles - known)


def test_reasons_for_quarantine_have_words() -> None:
    contract = re.compile(r"\"(bad_[a-z]+|lost_precision|unresolved_key|missing_required)\"")
    ingest = Path(__file__).parents[3] / "ingest"
    paths = [p for p in ingest.rglob("*.py") if "simulate" not in p.parts]
    codes = {code for path in paths for code in contract.findall(path.read_text("utf-8"))}
    assert "bad_length" in codes
    assert codes <= set(REASON_ZH), sorted(codes - set(REASON_ZH))


def test_packet_logs_have_a_name() -> None:
    assert dataset_text("hj212") == "HJ 212 报文"
    assert evidence_role_text("node 1 shell age") == "第1家成立时间"


def test_how_a_model_was_built_is_no_part_of_its_name() -> None:
    assert model_text("非法转移闭环(图模型)") == "非法转移闭环"
    assert model_text("空壳交接（图模型）") == "空壳交接"
    assert model_text("数据恒值") == "数据恒值"
    assert not [m.name_zh for m in MODELS if "模型" in model_text(m.name_zh)]


def test_nothing_is_zero_and_has_no_sign() -> None:
    assert number_text(-0.0, "bits") == "0 比特"
