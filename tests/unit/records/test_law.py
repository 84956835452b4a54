"""Law of the day: in force, predecessor, change within an act, gap; citations."""

from dataclasses import replace
from datetime import date

import pytest

import records.law
from records.law import LEGAL_GAP, LegalReference, load_references, references_for

CODE_DAY = date(2026, 8, 15)
BEFORE = date(2026, 8, 14)
NOW = date(2026, 12, 1)


def test_all_rows_are_read() -> None:
    references = load_references()
    assert len(references) == 102
    assert references["CODE-1175"].effective_from == CODE_DAY
    assert references["SW-112"].effective_to == BEFORE
    successors = {r.successor_ref for r in references.values() if r.successor_ref}
    assert successors <= set(references)


CASES: dict[str, tuple[tuple[str, ...], date, date, tuple[str, ...]]] = {
    "after the change": (("CODE-536",), CODE_DAY, NOW, ("CODE-536",)),
    "before it: old law of the act, then the new": (
        ("CODE-536",),
        BEFORE,
        NOW,
        ("SW-82", "CODE-536"),
    ),
    "looked at before the change": (("CODE-536",), BEFORE, BEFORE, ("SW-82",)),
    "several predecessors": (("CODE-1108",), BEFORE, NOW, ("AP-99", "EP-63", "CODE-1108")),
    "items in brackets are one article": (
        ("CODE-1175(5)", "CODE-1175(8)"),
        NOW,
        NOW,
        ("CODE-1175",),
    ),
    "two articles": (
        ("CODE-534", "CODE-536"),
        BEFORE,
        NOW,
        ("SW-80", "CODE-534", "SW-82", "CODE-536"),
    ),
    "a rule that stays": (("TRM-10",), date(2023, 1, 1), NOW, ("TRM-10",)),
    "no row for that day": (("MON-25",), date(2025, 12, 31), NOW, ("MON-25", LEGAL_GAP)),
    "no row on either day": (("MON-25",), date(2024, 1, 1), date(2025, 1, 1), (LEGAL_GAP,)),
    "nothing cited": ((), NOW, NOW, ()),
}


@pytest.mark.parametrize("name", CASES)
def test_references_for(name: str) -> None:
    refs, act_day, as_of, expected = CASES[name]
    assert references_for(refs, act_day, as_of) == expected


def test_predecessors_of_predecessors_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    base = load_references()["SW-82"]
    rows = {
        "C": replace(base, ref_id="C", successor_ref="", effective_from=date(2020, 1, 1)),
        "B": replace(
            base,
            ref_id="B",
            successor_ref="C",
            effective_from=date(2010, 1, 1),
            effective_to=date(2019, 12, 31),
        ),
        "A": replace(
            base,
            ref_id="A",
            successor_ref="B",
            effective_from=date(2000, 1, 1),
            effective_to=date(2009, 12, 31),
        ),
    }
    monkeypatch.setattr(records.law, "load_references", lambda: rows)
    assert references_for(("C",), date(2005, 6, 1), date(2026, 6, 1)) == ("A", "C")
    assert references_for(("C",), date(1999, 6, 1), date(2026, 6, 1)) == ("C", LEGAL_GAP)


def test_an_unknown_reference_is_a_fault() -> None:
    with pytest.raises(KeyError):
        references_for(("CODE-9999",), NOW, NOW)


@pytest.mark.parametrize(
    ("article", "citation"),
    [("533", "《法》第533条"), ("42, 63", "《法》第42、63条"), ("whole", "《法》"), ("", "《法》")],
)
def test_citations(article: str, citation: str) -> None:
    reference = LegalReference("X", "法", article, date.min, None, "", "", "")
    assert reference.citation == citation
