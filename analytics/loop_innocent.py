"""Innocent explanations of a case of HW-11, and how far they lower its grade."""

from typing import Literal

from analytics.loop_case import Case
from graph.types import Cap, InnocentCheck

MILD = 3
Result = Literal["ruled_out", "holds", "unknown"]


def caps_of(case: Case) -> tuple[Cap, ...]:
    """A group lowers to 3; packaging to what the rounds that bring none back are worth."""
    caps = []
    if case.is_group:
        caps.append(Cap("same_group", MILD, "同一控制人集团内部转运（控制人相同或持股链达50%）"))
    rest = case.grade_without_packaging
    if rest is None or rest > case.grade:
        reason = "含废弃包装物（900-041-49），可能为包装物返还"
        caps.append(Cap("returned_packaging", rest or MILD, reason))
    return tuple(caps)


def innocent_of(case: Case) -> tuple[InnocentCheck, ...]:
    """Each explanation: it holds, is ruled out, or could not be decided."""

    def check(code: str, holds: bool, is_open: bool, is_tested: bool = True) -> InnocentCheck:
        told: Result = "holds" if holds else "unknown" if is_open else "ruled_out"
        return InnocentCheck(code, is_tested, told)

    # Whole refused loads, and the ways back that are known, were taken out before the search.
    refused = any(f.refused for f in case.facts)
    regenerated = any(f.may_be_regenerated for f in case.facts)
    homes = [f.round.hops[-1] for f in case.facts]
    # A manifest without code may carry drums as well.
    is_uncoded = any(hop.is_waste and hop.code is None for hop in homes)
    is_packaging = [f.round.brings_packaging_back for f in case.facts]
    return (
        check("rejected_load_returned", False, refused),
        check(
            "returned_packaging",
            all(is_packaging),
            any(is_packaging) or is_uncoded,
            any(is_packaging) or not is_uncoded,
        ),
        check("contract_regeneration", False, regenerated, not regenerated),
        check(
            "group_consolidation",
            case.is_group is True,
            case.is_group is None,
            case.is_group is not None,
        ),
    )
