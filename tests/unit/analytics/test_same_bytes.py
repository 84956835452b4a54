"""SQL whose answer depends on which thread comes first would break equal bytes of equal runs."""

import re
from pathlib import Path

import analytics

SOURCES = sorted(Path(analytics.__file__).parent.rglob("*.py"))
# Aggregates that take the first of equals: without an order that is whichever thread was first.
UNORDERED = re.compile(r"\b(?:mode|first|last|list|string_agg)\(([^()]|\([^()]*\))*\)", re.S)
NEEDS_ORDER = re.compile(r"^(?:mode|first|last|string_agg)\(", re.S)
PYTHON = re.compile(r"^\w+\(\s*\)$|^(?:first|last)\((?:\d|\w+\))")


def unordered(text: str) -> list[str]:
    """Calls in SQL strings of ``text`` that lack an order."""
    found = [
        match.group() for match in UNORDERED.finditer(text) if NEEDS_ORDER.match(match.group())
    ]
    return [call for call in found if "ORDER BY" not in call and not PYTHON.match(call)]


def test_sql_takes_no_first_of_equals_without_an_order() -> None:
    assert SOURCES
    faults = {str(p.name): unordered(p.read_text(encoding="utf-8")) for p in SOURCES}
    assert {name: calls for name, calls in faults.items() if calls} == {}


def test_the_check_sees_a_fault() -> None:
    assert unordered("SELECT mode(coalesce(a, '') || b) AS device") != []
    assert unordered("SELECT mode(a ORDER BY a), first(x ORDER BY y)") == []
