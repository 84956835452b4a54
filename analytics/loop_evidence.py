"""Rows behind a case of HW-11, and what was searched and not found."""

from collections.abc import Mapping, Sequence

from analytics.affiliation import Row
from analytics.loop_case import Case, Term
from graph.types import Evidence
from records.clock import shanghai_day

SUPPORT_SHOWN = 40
SEEN = "seen on the way"
Names = Mapping[str, tuple[str, str]]


def evidence_of(case: Case, rows: Mapping[int, Sequence[Row]]) -> tuple[Evidence, ...]:
    """Rows of the rounds in the order in which they are told, then what supports the terms."""
    found: dict[tuple[str, str], Evidence] = {}
    for number, fact in enumerate(case.shown, 1):
        for place, hop in enumerate(fact.round.hops, 1):
            role = f"edge {place}" if number == 1 else f"loop {number} edge {place}"
            for edge in hop.edges:
                for row in rows.get(edge, []):
                    one = Evidence(
                        str(row["dataset"]), str(row["batch"]), int(str(row["row"])),
                        int(str(row["part"])), str(row["key"]), role,
                    )  # fmt: skip
                    found.setdefault((one.reference, ""), one)
    for one in support_of(case)[:SUPPORT_SHOWN]:
        found.setdefault((one.reference, one.role), one)
    for shared in case.shared:
        sources = shared["sources"]
        for reference in sources if isinstance(sources, list) else []:
            parts = str(reference).split(":")
            if len(parts) == 4 and parts[2].isdigit() and parts[3].isdigit():
                one = Evidence(
                    parts[0], parts[1], int(parts[2]), int(parts[3]),
                    str(shared["identifier"]), f"shared {shared['kind']}",
                )  # fmt: skip
                found.setdefault((one.reference, one.role), one)
    return tuple(found.values())


def support_of(case: Case) -> list[Evidence]:
    """Rows beside those of the rounds, each once: what accuses before what was seen on the way."""
    rows = {(one.reference, one.role): one for fact in case.shown for one in fact.support}
    return sorted(rows.values(), key=lambda one: one.role == SEEN)


def searched_of(case: Case, names: Names, terms: Sequence[Term]) -> tuple[str, ...]:
    """What was looked for without result, and what could not be looked for."""
    start = shanghai_day(min(f.round.started_at for f in case.facts))
    end = shanghai_day(max(f.round.ended_at for f in case.facts))
    who = "、".join(names[node][0] for node in case.nodes)
    found = [line for fact in case.shown for line in fact.not_found]
    shared = next(term.holds for term in terms if term.code == "shared_identifier")
    facts = case.facts
    for what, told in (
        ("vat_refund", _of_rounds([f.refund for f in facts])),
        ("relation (controller, phone, address)", _of_rounds([shared])),
        ("dwell", _of_rounds([f.short_dwell for f in facts])),
        ("power", _of_rounds([f.low_power for f in facts])),
        ("code change without licence", _of_rounds([f.unlicensed_change for f in facts])),
        ("trips without a trace", _of_trips(case)),
    ):
        if told:
            found.append(f"{what} {start}..{end} {who}: {told}")
    if not case.is_whole:
        found.append(f"loops of these firms were counted up to {len(facts)}: more may exist")
    if case.note:
        found.append(case.note)
    return tuple(dict.fromkeys(found))


def _of_rounds(values: Sequence[bool | None]) -> str:
    """How a term that was not found is told; empty where it was found."""
    known = [value for value in values if value is not None]
    if any(known):
        return ""
    if not known:
        return "not testable"
    if len(known) < len(values):
        return f"none in {len(known)} of {len(values)} loops, the rest not testable"
    return "none"


def _of_trips(case: Case) -> str:
    """The same of trips, leg by leg: one that nobody saw does not make a round of paper."""
    if any(fact.paper_only for fact in case.facts):
        return ""
    unseen, seen, untested = (
        sum(getattr(fact, name) for fact in case.facts) for name in ("unseen", "seen", "untested")
    )
    if not unseen + seen:
        return "not testable"
    if not unseen + untested:
        return "none"
    return f"{unseen} of {unseen + seen} legs not seen, {untested} not testable"
