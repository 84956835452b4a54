"""Why records are one entity, or why they are not, with every value as the caller may read it."""

import threading
from dataclasses import dataclass, replace

import duckdb

from api.identity.caller import Caller
from api.reading.objects import label_of
from api.reading.record_values import (
    levels_of_values,
    reads_values,
    shown_step,
    shown_value,
)
from api.reading.sides import EXPLAINED_BY_LABEL, LABEL_BY_KIND, Side, SideAsked, find_side
from api.services import Services
from graph.ontology import LABELS
from ingest.errors import ResolveError
from ingest.resolve.compare import ATTRIBUTES
from ingest.resolve.explain import Explanation, why
from ingest.resolve.explain_kinds import explain_kind
from ingest.resolve.kinds.resolving import KINDS
from ingest.resolve.run import ResolveOptions
from ingest.resolve.stored import (
    Said,
    StoredEdge,
    StoredRecord,
    edges_within,
    read_records,
    records_of_entity,
    step_of,
)
from ingest.resolve.waterfall import Step
from queries.errors import ParameterError
from records.contract import load_contract

MOST_RECORDS = 60
# An explanation resolves anew, which fills memory; others wait for their turn.
_explaining = threading.Lock()


@dataclass(frozen=True, slots=True)
class JoinedRecord:
    """One distinct combination of values that became part of the entity, and by what.

    ``reason``: ``first`` (the one of most rows that has the code, or else of all), ``same_code``,
    ``joined`` (then ``step`` is its strongest edge, to record ``other``) or ``judged``.
    ``reference`` is empty for a former name that a register lists (``row_count`` 0).
    """

    record: int
    name: str
    code: str
    phone: str
    legal_representative: str
    address: str
    row_count: int
    reference: str
    role: str
    dataset_zh: str
    reason: str
    other: int | None
    step: Step | None


@dataclass(frozen=True, slots=True)
class EntityResolution:
    """The records of an entity, those of most rows first; ``left_out`` counts what is not shown."""

    records: tuple[JoinedRecord, ...]
    left_out: int
    threshold_bits: float


def entity_resolution(
    sql: duckdb.DuckDBPyConnection, caller: Caller, entity_id: str
) -> EntityResolution:
    """Which records were joined into an organisation, each with its strongest edge.

    Records that came at a level above the caller are not there and not counted.
    """
    found = records_of_entity(sql, entity_id)
    own = [record for record in found if reads_values(caller, record.level)]
    strongest: dict[int, StoredEdge] = {}
    for edge in edges_within(sql, entity_id):
        for end in (edge.a, edge.b):
            strongest.setdefault(end, edge)
    shown = own[:MOST_RECORDS]
    ends = {end for r in shown for e in [strongest.get(r.number)] if e for end in (e.a, e.b)}
    by_number = {record.number: record for record in own} | read_records(sql, ends)
    first = next((record for record in own if record.valid_code), own[0] if own else None)
    joined = tuple(
        _joined(caller, record, strongest.get(record.number), by_number, first) for record in shown
    )
    return EntityResolution(joined, len(own) - len(shown), ResolveOptions().threshold_bits)


def _joined(
    caller: Caller,
    record: StoredRecord,
    edge: StoredEdge | None,
    by_number: dict[int, StoredRecord],
    first: StoredRecord | None,
) -> JoinedRecord:
    """What the record says, and what joined it: its code before its strongest edge."""
    reason, other, step = "judged", None, None
    if record is first:
        reason = "first"
    elif record.valid_code:
        reason = "same_code"
    elif edge is not None:
        a, b = by_number[edge.a], by_number[edge.b]
        reason, other = "joined", edge.b if edge.a == record.number else edge.a
        step = shown_step(caller, step_of(edge, a, b), a.said, b.said)
    said = {a: shown_value(caller, s) for a, s in zip(ATTRIBUTES, record.said, strict=True)}
    dataset = record.reference.partition(":")[0]
    return JoinedRecord(
        record=record.number,
        name=said["name"],
        code=said["code"],
        phone=said["phone"],
        legal_representative=said["person"],
        address=said["address"],
        row_count=record.row_count,
        reference=record.reference,
        role=record.role,
        dataset_zh=load_contract().dataset(dataset).name_zh if dataset else "",
        reason=reason,
        other=other,
        step=step,
    )


def read_why(services: Services, caller: Caller, a: SideAsked, b: SideAsked) -> Explanation:
    """Why two things of one kind, each by id or row, are one or are not; values masked by level.

    Raises
    ------
    NotFound
        When a side does not exist, or not within the caller's reach.
    ParameterError
        When a side is of no kind that is compared, or the two are of different kinds.
    Forbidden
        For roles that read no business data.
    """
    caller.require("L2", "归并说明")
    with services.sql() as sql:
        kinds = _kinds_meant(a, b)
        sides = [find_side(sql, caller, side, kinds) for side in (a, b)]
    if sides[0].kind != sides[1].kind:
        zh = [LABELS[LABEL_BY_KIND[side.kind]].zh for side in sides]
        raise _different(*zh)
    services.record(caller, "entity.why", sides[0].text, sides[1].text)
    if sides[0].kind != "organization":
        return _explain_stored(services, caller, (a, b), sides)
    with _explaining:
        found = why(services.workspace, sides[0].text, sides[1].text)
    with services.sql() as sql:
        return replace(found, steps=tuple(_masked(sql, caller, step) for step in found.steps))


def _different(one: str, two: str) -> ParameterError:
    return ParameterError(f"两侧类别不同（{one}与{two}），不能比较；请给出同类的两个主体")


def _kinds_meant(a: SideAsked, b: SideAsked) -> dict[str, str]:
    """Kinds that the sides may be of; beside an entity a row means what is of its kind."""
    if a.entity_id and b.entity_id:
        one, two = label_of(a.entity_id), label_of(b.entity_id)
        if one is not two:
            raise _different(one.zh, two.zh)
    if bool(a.entity_id) == bool(b.entity_id):
        return EXPLAINED_BY_LABEL
    label = label_of(a.entity_id or b.entity_id).name
    return {label: EXPLAINED_BY_LABEL[label]} if label in EXPLAINED_BY_LABEL else EXPLAINED_BY_LABEL


def _explain_stored(
    services: Services, caller: Caller, asked: tuple[SideAsked, SideAsked], sides: list[Side]
) -> Explanation:
    """What was stored of two sides of one kind, each value by the level at which it came."""
    kind = sides[0].kind
    a, b = (
        side.entity_id if given.entity_id else side.text
        for given, side in zip(asked, sides, strict=True)
    )
    with services.sql() as sql:
        try:
            found = explain_kind(sql, kind, a, b, {})
        except ResolveError as error:
            raise ParameterError(
                "归并结果中没有这两侧可比较的记录；请写明角色或改用主体编号，"
                "或先运行 jinghuan resolve"
            ) from error
    title = [attribute.name for attribute in KINDS[kind].attributes].index(KINDS[kind].title)
    steps = tuple(
        shown_step(caller, each.step, each.said_a, each.said_b, title) for each in found.steps
    )
    return Explanation(found.is_same, found.reason, steps, found.threshold_bits)


def _masked(sql: duckdb.DuckDBPyConnection, caller: Caller, step: Step) -> Step:
    pairs = [(p.attribute, v) for p in step.parts for v in (p.value_a, p.value_b)]
    level = levels_of_values(sql, pairs)
    a = [Said(p.value_a, level[p.attribute, p.value_a]) for p in step.parts]
    b = [Said(p.value_b, level[p.attribute, p.value_b]) for p in step.parts]
    return shown_step(caller, step, a, b)
