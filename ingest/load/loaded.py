"""What the graph holds of each part: the keys and content hashes of the rows last sent.

One Parquet file per part under ``lake/derived/load``. Before a part is written, its file is put in
place with every row that is about to change marked as uncertain (hash NULL); after it was written,
the file is put in place with the new hashes. So at any moment, also after a kill, a row whose hash
is kept is in the graph as hashed, and no row is in the graph without a line here.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.load.parts import EdgePart, NodePart
from records.views import quoted, text_literal

NEXT_TABLE = "load_next"
FORMATS = {
    "TIMESTAMP": "strftime({0}, '%Y-%m-%dT%H:%M:%S.%fZ')",
    "DATE": "CAST({0} AS VARCHAR)",
    "HUGEINT": "CAST({0} AS BIGINT)",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of a part: ``columns`` of those to send, keys of those to take away, and counts."""

    columns: tuple[str, ...]
    rows: int
    changed: int
    stale: int
    passed_over: int


class LoadedPart:
    """The rows of one part as they are now, against those that the graph holds.

    Parameters
    ----------
    sql
        Cursor over the views; ``graph_node`` (``id``, ``label``) lists the nodes of this load.
    keys
        Columns that tell two rows apart.
    """

    def __init__(
        self,
        sql: duckdb.DuckDBPyConnection,
        folder: Path,
        part: NodePart | EdgePart,
        keys: tuple[str, ...],
    ) -> None:
        self._sql = sql
        self._path = folder / f"{part.name}.parquet"
        self._part = part
        self._keys = keys
        self._same = " AND ".join(f"n.{quoted(k)} IS NOT DISTINCT FROM w.{quoted(k)}" for k in keys)

    def compare(self) -> Difference:
        """Compute the part's rows and count what is new, changed, and no longer there."""
        columns = self._compute()
        total = self._count(f"SELECT count(*) FROM {NEXT_TABLE}")
        dangling = self._count(f"SELECT count(*) FROM {NEXT_TABLE} WHERE NOT is_whole")
        self._execute(f"DELETE FROM {NEXT_TABLE} WHERE NOT is_whole")
        self._execute(
            "CREATE OR REPLACE TEMP TABLE load_was AS"
            + (
                f" SELECT * FROM read_parquet({text_literal(str(self._path))})"
                if self._path.exists()
                else f" SELECT {self._key_list('n')}, content FROM {NEXT_TABLE} n WHERE false"
            )
        )
        changed = self._count(f"SELECT count(*) FROM ({self._changed('1')})")
        stale = self._count(f"SELECT count(*) FROM ({self._stale()})")
        return Difference(columns, total - dangling, changed, stale, dangling)

    def changed_rows(self, columns: tuple[str, ...]) -> duckdb.DuckDBPyConnection:
        """Result over the new and changed rows, ordered by key; fetch it in chunks."""
        shown = ", ".join(f"n.{quoted(c)}" for c in columns)
        order = ", ".join(f"n.{quoted(k)}" for k in self._keys)
        return self._sql.execute(f"{self._changed(shown)} ORDER BY {order}")

    def stale_rows(self) -> list[tuple[object, ...]]:
        """Keys of the rows that are in the graph and no longer stated."""
        return self._sql.execute(self._stale()).fetchall()

    def announce(self) -> None:
        """Before writing: every row that may change is uncertain from here on."""
        self._put(
            f"SELECT {self._key_list('n')}, CASE WHEN w.content = n.content THEN n.content END"
            f" AS content FROM {NEXT_TABLE} n LEFT JOIN load_was w ON {self._same}"
            f" UNION ALL {self._stale('CAST(NULL AS UBIGINT)')}"
        )

    def confirm_sent(self) -> None:
        """After sending: the stated rows are certain, those to take away are still there."""
        self._put(
            f"SELECT {self._key_list('n')}, content FROM {NEXT_TABLE} n"
            f" UNION ALL {self._stale('CAST(NULL AS UBIGINT)')}"
        )

    def confirm(self) -> None:
        """After sending and taking away: the graph holds the part as it is now."""
        self._put(f"SELECT {self._key_list('n')}, content FROM {NEXT_TABLE} n")

    def _compute(self) -> tuple[str, ...]:
        part = self._part
        described = self._sql.execute(f"DESCRIBE {part.sql}").fetchall()
        columns = tuple(str(line[0]) for line in described)
        shown = ", ".join(
            FORMATS.get(str(type_), "{0}").format(quoted(name)) + f" AS {quoted(name)}"
            for name, type_, *_ in described
        )
        whole = "true"
        if isinstance(part, EdgePart):
            whole = " AND ".join(
                f"s.{end} IN (SELECT id FROM graph_node WHERE label = '{label}')"
                for end, label in (("from_id", part.from_label), ("to_id", part.to_label))
            )
        else:
            whole = "s.id IS NOT NULL"
        self._execute(
            f"CREATE OR REPLACE TEMP TABLE {NEXT_TABLE} AS SELECT s.*, hash(s) AS content,"
            f" coalesce({whole}, false) AS is_whole FROM (SELECT {shown} FROM ({part.sql})) s"
        )
        return columns

    def _changed(self, shown: str) -> str:
        return (
            f"SELECT {shown} FROM {NEXT_TABLE} n ANTI JOIN load_was w"
            f" ON {self._same} AND w.content = n.content"
        )

    def _stale(self, *more: str) -> str:
        shown = ", ".join((self._key_list("w"), *more))
        return f"SELECT {shown} FROM load_was w ANTI JOIN {NEXT_TABLE} n ON {self._same}"

    def _key_list(self, alias: str) -> str:
        return ", ".join(f"{alias}.{quoted(k)}" for k in self._keys)

    def _put(self, select: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_name(self._path.name + ".part")
        order = ", ".join(quoted(k) for k in self._keys)
        self._execute(
            f"COPY (SELECT * FROM ({select}) ORDER BY {order})"
            f" TO {text_literal(str(part))} (FORMAT parquet, COMPRESSION zstd)"
        )
        os.replace(part, self._path)

    def _count(self, select: str) -> int:
        return int(self._sql.execute(select).fetchall()[0][0])

    def _execute(self, statement: str) -> None:
        self._sql.execute(statement).fetchall()
