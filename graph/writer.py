"""Writes nodes, relationships and flows in batches, and takes away what vanished.

Everything is merged on keys and then set, never added to, so a second load changes nothing. A
value of ``None`` removes the property. Labels and types come from the ontology only.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from graph.client import BATCH_ROWS, GraphStore
from graph.errors import BadRow, UnknownTerm
from graph.ontology import LABELS, PROPERTIES, Label, Relationship, label, relationship

SOURCES_KEPT = 20
Row = Mapping[str, Any]
Report = Callable[[str, int, int], None]

_ENDS = ("from_id", "to_id")
# Deleting is heavier than setting: a hub carries its relationships with it.
_DELETE_ROWS = 1000


class GraphWriter:
    """Writes rows of one load into a store.

    Parameters
    ----------
    store
        Where to write.
    updated_at
        Moment that nodes written here carry as ``updated_at`` unless their row has its own; none
        is invented.
    report
        Told what is written: label or type, rows so far, rows in all.
    """

    def __init__(
        self,
        store: GraphStore,
        *,
        updated_at: datetime | str | None = None,
        report: Report = lambda _term, _done, _total: None,
        batch: int = BATCH_ROWS,
    ) -> None:
        self._store = store
        self._updated_at = updated_at
        self._report = report
        self._batch = batch

    def merge_nodes(self, label_name: str, rows: Sequence[Row]) -> int:
        """Merge nodes on ``id`` and set the other columns of the rows.

        Returns
        -------
        int
            Number of rows written.

        Raises
        ------
        UnknownTerm
            When label or a column is not in the ontology.
        BadRow
            When a row has no id.
        """
        term = label(label_name)
        columns = _columns(rows, term, required=("id",))
        _check_text(rows, ("id",), term.name)
        cells = _Cells(columns)
        sets = [cells.assignment("n", name) for name in columns if name != "id"]
        if "updated_at" not in columns and self._updated_at is not None:
            sets.append("n.updated_at = datetime($updated_at)")
        cypher = f"UNWIND $rows AS row MERGE (n:{term.name} {{id: {cells['id']}}})"
        return self._write(cypher + _set_clause(sets), cells.of(rows), term.name)

    def merge_relationships(
        self,
        type_name: str,
        from_label: str,
        to_label: str,
        rows: Sequence[Row],
        keys: tuple[str, ...] | None = None,
    ) -> int:
        """Merge relationships on both ends and the keys, and set the other columns.

        Rows have ``from_id``, ``to_id``, properties, and ``sources`` (the first 20 are kept),
        ``source_count``, ``first_at``, ``last_at``. A row whose end is not in the graph is passed
        over. An empty key counts as ``''``.

        Parameters
        ----------
        keys
            Properties that tell two relationships between the same nodes apart; the ontology's
            unless given.

        Returns
        -------
        int
            Number of rows sent.

        Raises
        ------
        UnknownTerm, BadRow
        """
        term = _between(type_name, from_label, to_label)
        used = term.keys if keys is None else keys
        columns = _columns(rows, term, required=_ENDS)
        _check_text(rows, _ENDS, term.name)
        keyed = tuple(key for key in used if key in columns)
        cells = _Cells(columns)
        sets = [cells.assignment("r", name) for name in columns if name not in (*keyed, *_ENDS)]
        cypher = (
            f"UNWIND $rows AS row MATCH (a:{from_label} {{id: {cells['from_id']}}})"
            f" MATCH (b:{to_label} {{id: {cells['to_id']}}})"
            f" MERGE (a)-[r:{term.name}{cells.key_map(keyed)}]->(b)"
        )
        return self._write(cypher + _set_clause(sets), cells.of(rows), term.name)

    def set_flows(self, type_name: str, from_label: str, to_label: str, rows: Sequence[Row]) -> int:
        """Merge flows on both ends, month and further key, and set their sums, never add to them.

        Months that were touched are to be given whole; a month that vanished is deleted by
        :meth:`delete_relationships`.

        Raises
        ------
        UnknownTerm
            When the type is no flow.
        BadRow
            When a row lacks an end or the month.
        """
        term = relationship(type_name)
        if not term.is_flow:
            raise UnknownTerm(f"关系类型 {type_name} 不是流量；请用 merge_relationships 写入")
        _check_text(rows, ("month",), term.name)
        return self.merge_relationships(type_name, from_label, to_label, rows)

    def delete_nodes(self, label_name: str, ids: Sequence[str]) -> int:
        """Delete nodes with their relationships; ids that are not there are no error."""
        term = label(label_name)
        cypher = f"UNWIND $rows AS id MATCH (n:{term.name} {{id: id}}) DETACH DELETE n"
        return self._write(cypher, ids, term.name, _DELETE_ROWS)

    def clear(self) -> int:
        """Delete all nodes of the ontology that carry an id of ours, and what ties them.

        Nodes of somebody else in the same database stay.

        Returns
        -------
        int
            Number of nodes deleted.
        """
        deleted = 0
        for term in LABELS.values():
            cypher = (
                f"MATCH (n:{term.name}) WHERE n.id STARTS WITH $prefix"
                f" WITH n LIMIT {_DELETE_ROWS} DETACH DELETE n RETURN count(*) AS done"
            )
            while done := self._store.write(cypher, {"prefix": f"{term.prefix}:"})[0]["done"]:
                deleted += int(str(done))
                self._report(term.name, deleted, deleted)
        return deleted

    def delete_relationships(
        self,
        type_name: str,
        from_label: str,
        to_label: str,
        rows: Sequence[Row],
        keys: tuple[str, ...] | None = None,
    ) -> int:
        """Delete the relationships that rows of ``from_id``, ``to_id`` and keys name."""
        term = _between(type_name, from_label, to_label)
        used = term.keys if keys is None else keys
        columns = _columns(rows, term, required=_ENDS)
        keyed = tuple(key for key in used if key in columns)
        cells = _Cells((*_ENDS, *keyed))
        cypher = (
            f"UNWIND $rows AS row MATCH (a:{from_label} {{id: {cells['from_id']}}})"
            f"-[r:{term.name}{cells.key_map(keyed)}]->(b:{to_label} {{id: {cells['to_id']}}})"
            " DELETE r"
        )
        return self._write(cypher, cells.of(rows), term.name, _DELETE_ROWS)

    def _write(self, cypher: str, rows: Sequence[Any], term: str, batch: int | None = None) -> int:
        return self._store.write_rows(
            cypher,
            rows,
            batch=batch or self._batch,
            parameters={"updated_at": self._updated_at} if "$updated_at" in cypher else None,
            progress=lambda done: self._report(term, done, len(rows)),
        )


def _between(type_name: str, from_label: str, to_label: str) -> Relationship:
    term = relationship(type_name)
    if from_label not in term.starts or to_label not in term.ends:
        raise UnknownTerm(
            f"图谱没有从 {from_label} 到 {to_label} 的关系 {type_name}；"
            f"可以从 {'、'.join(term.starts)} 到 {'、'.join(term.ends)}"
        )
    return term


def _columns(
    rows: Sequence[Row], term: Label | Relationship, required: tuple[str, ...]
) -> tuple[str, ...]:
    found = set().union(*rows) if rows else set(required)
    unknown = found - set(term.properties) - set(required)
    if unknown:
        raise UnknownTerm(
            f"{term.name} 没有属性 {'、'.join(sorted(unknown))}；"
            f"可用的有：{'、'.join(term.properties)}"
        )
    moments = [name for name in sorted(found) if _is_moment(name)]
    _check_moments(rows, moments, term.name)
    return tuple(sorted(found))


def _is_moment(name: str) -> bool:
    return name in PROPERTIES and PROPERTIES[name].type == "datetime"


def _check_moments(rows: Sequence[Row], names: list[str], term: str) -> None:
    # Stores order equal moments by their offset: all must be written in the same one.
    for name in names:
        bad = next(
            (v for row in rows if isinstance(v := row.get(name), str) and not v.endswith("Z")),
            None,
        )
        if bad is not None:
            raise BadRow(f"{term}.{name} 的值 {bad!r} 不是 UTC 时间；请写成 2026-10-01T00:30:00Z")


def _check_text(rows: Sequence[Row], names: tuple[str, ...], term: str) -> None:
    for name in names:
        bad = next(
            (row for row in rows if not isinstance(row.get(name), str) or not row[name]), None
        )
        if bad is not None:
            raise BadRow(f"{term} 的一行缺少 {name}：{dict(bad)!r}；{name} 必须是非空文本")


class _Cells:
    """Rows as lists of cells, and the expressions that read them in a statement.

    Sending each row's column names along would double the work of the driver.
    """

    def __init__(self, columns: tuple[str, ...]) -> None:
        self._columns = columns

    def __getitem__(self, name: str) -> str:
        return f"row[{self._columns.index(name)}]"

    def of(self, rows: Sequence[Row]) -> list[list[Any]]:
        """The rows' cells in the order of the columns; a missing one is ``None``."""
        return [[row.get(name) for name in self._columns] for row in rows]

    def assignment(self, variable: str, name: str) -> str:
        """Expression that sets a property, with the type that the ontology gives it."""
        kind, value = PROPERTIES[name].type, self[name]
        if name == "sources":
            value += f"[0..{SOURCES_KEPT}]"
        elif kind in ("date", "datetime"):
            value = f"{kind}({value})"
        return f"{variable}.{name} = {value}"

    def key_map(self, keys: tuple[str, ...]) -> str:
        """Property map to merge on; no store merges on null, so an empty key is ``''``."""
        if not keys:
            return ""
        return " {" + ", ".join(f"{key}: coalesce({self[key]}, '')" for key in keys) + "}"


def _set_clause(sets: list[str]) -> str:
    return " SET " + ", ".join(sets) if sets else ""
