"""The queue of pairs for a person to judge, with both sides as the caller may read them."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import duckdb

from api.identity.caller import Caller
from api.reading.record_values import reads_values, shown_step, shown_value
from api.services import Services
from ingest.resolve.asked import asked_rows
from ingest.resolve.compare import ATTRIBUTES
from ingest.resolve.known import current_judgements
from ingest.resolve.review import Question, questions
from ingest.resolve.run import ResolveOptions
from ingest.resolve.stored import StoredRecord, read_records, step_of
from ingest.resolve.waterfall import Step
from queries.errors import ParameterError
from records.contract import load_contract
from records.registry import Judgement, Registry

MOST = 100


@dataclass(frozen=True, slots=True)
class ReviewSide:
    """One side: the entity that it is now, what its record says, and the row a judgement names."""

    entity_id: str
    entity_name: str
    name: str
    code: str
    phone: str
    legal_representative: str
    address: str
    row_count: int
    reference: str
    role: str
    dataset_zh: str


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A pair to judge.

    ``question`` is ``below_threshold``, ``refused_short_name``, ``refused_ambiguous``,
    ``refused_contradictory`` or ``bridge`` (then both sides are one entity now). ``usefulness`` is
    ``chance`` (0..1, that the answer changes what stands) times ``rows`` (that would move).
    """

    id: str
    question: str
    is_joined: bool
    usefulness: float
    chance: float
    rows: int
    a: ReviewSide
    b: ReviewSide
    step: Step


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Pairs, the most useful first; ``next`` continues the list, ``total`` counts all of it."""

    items: tuple[ReviewItem, ...]
    next: str | None
    total: int
    threshold_bits: float


@dataclass(frozen=True, slots=True)
class _Named:
    name: str
    level: str


@dataclass(frozen=True, slots=True)
class _Queue:
    """Questions of one run of resolution, with the records and entities that they are about."""

    questions: tuple[Question, ...]
    records: dict[int, StoredRecord]
    entities: dict[str, _Named]


def _queue(sql: duckdb.DuckDBPyConnection) -> _Queue:
    found = questions(sql, ResolveOptions().threshold_bits)
    numbers = {n for q in found for n in (q.edge.a, q.edge.b, q.asked_a, q.asked_b)}
    records = read_records(sql, numbers)
    lines = sql.execute(
        "SELECT entity_id, coalesce(name, entity_id), coalesce(level, 'L4') FROM organization"
        " WHERE entity_id IN (SELECT unnest($ids::VARCHAR[]))",
        {"ids": sorted({record.entity_id for record in records.values()})},
    ).fetchall()
    return _Queue(found, records, {str(i): _Named(str(n), str(v)) for i, n, v in lines})


def list_review(services: Services, caller: Caller, after: str = "", limit: int = 20) -> ReviewPage:
    """Pairs that nobody judged yet and that the caller sees, the most useful first.

    Raises
    ------
    Forbidden
        When the role may not judge.
    ParameterError
        When ``after`` names no pair of the list.
    """
    caller.require_judge()
    services.record(caller, "review.list", after or "*")
    queue = services.kept(_queue)
    judgements = Registry(services.workspace).judgements()
    with services.sql() as sql:
        judged = _judged(sql, current_judgements(sql, judgements))
    open_ = [q for q in queue.questions if _is_open(caller, queue, q, judged)]
    start = 0
    if after:
        places = {question.id: place for place, question in enumerate(open_, 1)}
        if after not in places:
            raise ParameterError(f"续页标记 {after} 已失效；请从第一页重新读取")
        start = places[after]
    limit = max(1, min(limit, MOST))
    page = open_[start : start + limit]
    following = page[-1].id if len(open_) > start + limit else None
    return ReviewPage(
        tuple(_item(caller, queue, question) for question in page),
        following,
        len(open_),
        ResolveOptions().threshold_bits,
    )


def _judged(sql: duckdb.DuckDBPyConnection, judgements: list[Judgement]) -> set[frozenset[object]]:
    """Pairs of record numbers, and pairs of entity ids, that people judged.

    Of one entity each bridge is a question of its own; two entities are one question.
    """
    rows = [row for j in judgements for row in ((j.row_a, j.role_a), (j.row_b, j.role_b))]
    asked = asked_rows(sql, rows)
    owner = {
        number: record.entity_id
        for number, record in read_records(
            sql, [number for row in asked.values() for number in row.records]
        ).items()
    }
    pairs: set[frozenset[object]] = set()
    for judgement in judgements:
        a = asked.get((judgement.row_a, judgement.role_a))
        b = asked.get((judgement.row_b, judgement.role_b))
        if a is not None and b is not None:
            pairs |= _pairs(a.records, b.records)
            pairs |= _pairs((owner[n] for n in a.records), (owner[n] for n in b.records))
    return pairs


def _pairs(a: Iterable[object], b: Iterable[object]) -> set[frozenset[object]]:
    return {frozenset(pair) for pair in product(tuple(a), tuple(b)) if pair[0] != pair[1]}


def _is_open(
    caller: Caller, queue: _Queue, question: Question, judged: set[frozenset[object]]
) -> bool:
    """Whether the caller sees both sides and nobody judged them."""
    a, b = queue.records[question.edge.a], queue.records[question.edge.b]
    for record in (a, b):
        entity = queue.entities.get(record.entity_id)
        if entity is None or not caller.sees("Organization", entity.level):
            return False
        if not reads_values(caller, record.level):
            return False
    pair = (a.number, b.number) if question.is_joined else (a.entity_id, b.entity_id)
    return frozenset(pair) not in judged


def _item(caller: Caller, queue: _Queue, question: Question) -> ReviewItem:
    a, b = queue.records[question.edge.a], queue.records[question.edge.b]
    return ReviewItem(
        id=question.id,
        question=question.question,
        is_joined=question.is_joined,
        usefulness=question.usefulness,
        chance=question.chance,
        rows=question.rows,
        a=_side(caller, queue, a, queue.records[question.asked_a]),
        b=_side(caller, queue, b, queue.records[question.asked_b]),
        step=shown_step(caller, step_of(question.edge, a, b), a.said, b.said),
    )


def _side(caller: Caller, queue: _Queue, record: StoredRecord, asked: StoredRecord) -> ReviewSide:
    said = {a: shown_value(caller, s) for a, s in zip(ATTRIBUTES, record.said, strict=True)}
    return ReviewSide(
        entity_id=record.entity_id,
        entity_name=queue.entities[record.entity_id].name,
        name=said["name"],
        code=said["code"],
        phone=said["phone"],
        legal_representative=said["person"],
        address=said["address"],
        row_count=record.row_count,
        reference=asked.reference,
        role=asked.role,
        dataset_zh=load_contract().dataset(asked.reference.partition(":")[0]).name_zh,
    )
