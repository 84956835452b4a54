"""Records and edges of organisations as resolution stored them, read back for people to look at."""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from ingest.resolve.compare import ATTRIBUTES, LEVEL_NAMES
from ingest.resolve.waterfall import VALUE_COLUMNS, Part, Step

# What a record says about its region and branch is read from its name, and is as open as that.
LEVEL_COLUMNS = {
    "code": "raw_code_level",
    "name": "clean_level",
    "region": "clean_level",
    "branch": "clean_level",
    "phone": "phone_level",
    "person": "person_level",
    "address": "address_level",
}
BITS_PLACES, PRIOR_PLACES = 3, 2


@dataclass(frozen=True, slots=True)
class Said:
    """A value in normal form, empty where there is none, and the lowest level it came at."""

    value: str
    level: str


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One distinct combination of name, code, phone, person and address.

    ``said`` has one entry per attribute, in the order of ``ATTRIBUTES``; ``valid_code`` is empty
    unless the code passes its check. ``reference`` and ``role`` name the smallest row that states
    the record; both are empty when only a register's list of former names does (``row_count`` 0).
    """

    number: int
    entity_id: str
    reference: str
    role: str
    level: str
    row_count: int
    valid_code: str
    tail: str
    said: tuple[Said, ...]

    @property
    def name(self) -> str:
        """The name in normal form."""
        return self.said[ATTRIBUTES.index("name")].value

    @property
    def key(self) -> tuple[str, ...]:
        """What tells the record from others that people did not tell apart."""
        return tuple(said.value for said in self.said)


@dataclass(frozen=True, slots=True)
class StoredEdge:
    """A compared pair ``a < b``; ``levels`` has one digit, ``bits`` one number per attribute."""

    a: int
    b: int
    levels: str
    weight: float
    outcome: str
    bits: tuple[float, ...]


RECORD_COLUMNS = (
    "record, coalesce(entity_id, ''), coalesce(reference, ''), coalesce(role, ''), level,"
    " row_count, code, tail, "
    + ", ".join(f"{VALUE_COLUMNS[a]}, coalesce({LEVEL_COLUMNS[a]}, '')" for a in ATTRIBUTES)
)


def record_of(line: tuple[object, ...]) -> StoredRecord:
    """A record of one line of RECORD_COLUMNS."""
    number, entity_id, reference, role, level, rows, code, tail, *values = line
    said = tuple(Said(str(values[2 * k]), str(values[2 * k + 1])) for k in range(len(ATTRIBUTES)))
    return StoredRecord(
        int(str(number)), str(entity_id), str(reference), str(role), str(level), int(str(rows)),
        str(code), str(tail), said,
    )  # fmt: skip


def read_records(sql: duckdb.DuckDBPyConnection, numbers: Iterable[int]) -> dict[int, StoredRecord]:
    """The records of these numbers."""
    lines = sql.execute(
        f"SELECT {RECORD_COLUMNS} FROM resolve_record WHERE kind = 'organization'"
        " AND record IN (SELECT unnest($numbers::BIGINT[]))",
        {"numbers": sorted(set(numbers))},
    ).fetchall()
    return {record.number: record for record in map(record_of, lines)}


def records_of_entity(sql: duckdb.DuckDBPyConnection, entity_id: str) -> list[StoredRecord]:
    """The records that are one entity, those of most rows first."""
    lines = sql.execute(
        f"SELECT {RECORD_COLUMNS} FROM resolve_record WHERE entity_id = $id"
        " ORDER BY row_count DESC, record",
        {"id": entity_id},
    ).fetchall()
    return [record_of(line) for line in lines]


def edges_within(sql: duckdb.DuckDBPyConnection, entity_id: str) -> list[StoredEdge]:
    """Edges that hold an entity together, strongest first."""
    lines = sql.execute(
        "WITH own AS (SELECT record FROM resolve_record"
        " WHERE kind = 'organization' AND entity_id = $id)"
        " SELECT a, b, levels, weight, outcome, bits FROM resolve_edge"
        " WHERE kind = 'organization' AND outcome IN ('joined', 'same_already')"
        " AND a IN (FROM own) AND b IN (FROM own) ORDER BY weight DESC, a, b",
        {"id": entity_id},
    ).fetchall()
    return [StoredEdge(a, b, levels, w, o, tuple(bits)) for a, b, levels, w, o, bits in lines]


def step_of(edge: StoredEdge, a: StoredRecord, b: StoredRecord) -> Step:
    """The waterfall of an edge whose ends are ``a`` and ``b``, in this order."""
    parts = tuple(
        Part(
            attribute,
            LEVEL_NAMES[attribute][int(edge.levels[k])],
            a.said[k].value,
            b.said[k].value,
            edge.bits[k],
        )
        for k, attribute in enumerate(ATTRIBUTES)
    )
    prior = round(edge.weight - sum(edge.bits), PRIOR_PLACES)
    return Step(a.name, b.name, parts, prior, round(edge.weight, BITS_PLACES))
