"""What HW-10, HW-11 and TP-06 say on small lakes has a Chinese word, whatever is in it.

Strategy: lakes that make the models speak of as many terms as they can; a number of several
parties is asked for under each of their names.
"""

import re

import pytest

from analytics.model import Draft
from tests.unit.analytics.chain_lake import ChainLake, driven
from tests.unit.analytics.loop_lake import Lake
from tests.unit.analytics.ring_lake import RingLake
from viz.grammar import ROLE_ZH
from viz.loop_words import HEADING, balance_rows
from viz.model_words import INNOCENT_TEST, INNOCENT_ZH, statistic_zh
from viz.words import evidence_role_text, number_text, searched_text

LATIN_WORD = re.compile(r"[A-Za-z]{4,}|[A-Za-z]_|_[A-Za-z]")


def loops() -> list[Draft]:
    lake = Lake().ring("abc", tonnes=20.0, vehicle="1").ring("abc", 20, tonnes=20.0)
    lake.sell("ab", 1.0, "*废料*污泥", 20.0).sell("bc", 2.0, "*化工*铜盐", 5.0)
    lake.move("db", 4, 3.0, "900-041-49").cameras(range(30)).refund("b", "2026-08", 20.0)
    lake.one_owner("ab").license("b", "HW17", "R4").weigh("b", "进厂", 1, 20.0).gate("b", "进厂", 1)
    lake.add("relation", from_id="org:a", type="HAS_PHONE", to_id="phone:1", properties="{}",
             sources=[], source_count=1)  # fmt: skip
    return lake.drafts()


def chains() -> list[Draft]:
    lake = driven(ChainLake().chain().penalise("x").dump().stop("r", 5))
    lake.share("HAS_PHONE", "phone:1", "x", "y").share("LEGAL_REP_OF", "person:1", "x", "y")
    lake.share("LOCATED_AT", "address:1", "x", "z")
    return [*lake.drafts(), *ChainLake().chain().drafts()]


def rings() -> list[Draft]:
    own = [f"s{n}" for n in range(6)]
    lake = RingLake().tied().anomalies([*own, "o1"])
    lake.share("HAS_PHONE", "phone:1", "a", "b").share("LOCATED_AT", "address:1", "a", "b")
    for site in own:
        lake.changed(site)
    lake.photo("a", "ff00ff00ff00ff00", "h1", site="s0")
    lake.photo("b", "ff00ff00ff00ff00", "h1", site="s1")
    return lake.drafts()


MAKERS = {"HW-11": loops, "HW-10": chains, "TP-06": rings}


@pytest.fixture(scope="module", params=MAKERS)
def drafts(request: pytest.FixtureRequest) -> list[Draft]:
    made = MAKERS[request.param]()
    assert made, "the lake no longer makes the model speak"
    return made


def english(texts: dict[str, str]) -> dict[str, str]:
    """What is shown, by what the model wrote, where it still has Latin words."""
    return {code: text for code, text in texts.items() if LATIN_WORD.search(text)}


def test_numbers_and_units(drafts: list[Draft]) -> None:
    statistics = [s for draft in drafts for s in draft.statistics]
    assert len(statistics) > 3
    assert english({s.name: statistic_zh(s.name) for s in statistics}) == {}
    assert english({s.unit: number_text(s.value, s.unit) for s in statistics}) == {}


def test_innocent_explanations_and_how_to_check_them(drafts: list[Draft]) -> None:
    codes = {check.code for draft in drafts for check in draft.innocent}
    assert codes
    assert codes - set(INNOCENT_ZH) == set()
    assert codes - set(INNOCENT_TEST) == set()


def test_roles_of_subjects_and_evidence(drafts: list[Draft]) -> None:
    roles = {s.role for draft in drafts for s in draft.subjects}
    assert roles - set(ROLE_ZH) == set()
    shown = {e.role: evidence_role_text(e.role) for draft in drafts for e in draft.evidence}
    assert shown
    assert english(shown) == {}


def test_sentences(drafts: list[Draft]) -> None:
    for draft in drafts:
        texts = (draft.title, draft.reason, *draft.would_clear)
        assert english({text: text for text in texts}) == {}


def test_quantities_of_a_balance() -> None:
    quantities = loops()[0].quantities
    rows = balance_rows(quantities, {})
    assert {"unknown", "other"} & {row.code for row in rows}
    assert english({cell: cell for row in rows for cell in (*HEADING, *row.cells)}) == {}


def test_what_was_searched(drafts: list[Draft]) -> None:
    lines = {line for draft in drafts for line in draft.searched}
    assert lines
    assert english({line: searched_text(line) for line in lines}) == {}


@pytest.mark.parametrize(
    "line",
    [
        "path search did not pass 3 organisations of more than 20 partners",
        "path search cut behind the first hand-over: more of this chain may exist",
        "path search cut at 7 first hand-overs: more chains may exist",
        "search cut: 2 organisations, 31 walks of further node sets, 4 node sets not counted to the"
        " end",
        "loops of these firms were counted up to 64: more may exist",
        "power 2026-01-01..2026-02-01 甲、乙: none in 1 of 2 loops, the rest not testable",
        "dwell 2026-01-01..2026-02-01 甲、乙: not testable",
        "trips without a trace 2026-01-01..2026-02-01 甲: 1 of 3 legs not seen, 2 not testable",
    ],
)
def test_what_a_search_left_out(line: str) -> None:
    assert ("not testable" in line) == ("未能核查（无数据）" in searched_text(line))
    assert english({line: searched_text(line)}) == {}
