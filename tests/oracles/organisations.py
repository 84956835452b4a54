"""Organisations that resolution found against those that the simulator delivered.

Read by tests and by ``python -m tests.oracles.organisations WORKSPACE TRUTH``; the product does
not import it. The truth file lists, per credit code, the names that were delivered for it. A
mention is labelled by its code, else by its name where the truth knows exactly one firm of that
name; other mentions are counted and left out of the pairs.
"""

import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from records.mentions import load_mentions
from records.views import Views, open_views, quoted
from records.workspace import Workspace
from tests.oracles.resolution import Scores, scores


@dataclass(frozen=True, slots=True)
class Against:
    """Scores over pairs of mention rows' distinct (dataset, role, name, code) forms."""

    scores: Scores
    mentions: int
    unlabelled: int
    impure: list[tuple[str, list[str]]]
    split: list[tuple[str, list[str]]]


def delivered(views: Views) -> pl.DataFrame:
    """``dataset, role, name, code, entity_id`` of each distinct form of an organisation."""
    parts = []
    for m in load_mentions():
        if m.kind != "organization":
            continue
        name = f"d.{quoted(m.name)}" if m.name else "NULL"
        code = f"d.{quoted(m.code)}" if m.code else "NULL"
        parts.append(
            f"SELECT '{m.dataset}' AS dataset, '{m.role}' AS role, CAST({name} AS VARCHAR) AS name,"
            f" CAST({code} AS VARCHAR) AS code, e.entity_id FROM {quoted(m.dataset)} d"
            f" JOIN (SELECT * FROM member WHERE dataset = '{m.dataset}' AND role = '{m.role}'"
            " AND kind = 'organization') e ON e.batch = d.batch AND e.row = d.row"
            " AND e.part = d.part"
        )
    union = " UNION ".join(parts)
    return pl.DataFrame(views.cursor().sql(f"SELECT DISTINCT * FROM ({union})").to_arrow_table())


def against(views: Views, truth: Path) -> Against:
    """Compare the resolved workspace with a truth file."""
    entities: dict[str, list[str]] = json.loads(truth.read_text(encoding="utf-8"))["entities"]
    owners: dict[str, set[str]] = {}
    for code, names in entities.items():
        for name in names:
            owners.setdefault(name, set()).add(code)
    found = delivered(views).sort("dataset", "role", "name", "code")
    labels = [
        code
        if code in entities
        else next(iter(own))
        if len(own := owners.get(name, set())) == 1
        else None
        for name, code in found.select("name", "code").iter_rows()
    ]
    labelled = found.with_columns(truth=pl.Series(labels, dtype=pl.String))
    known = labelled.filter(pl.col("truth").is_not_null())
    by_entity = known.group_by("entity_id").agg(pl.col("truth").unique().sort())
    by_truth = known.group_by("truth").agg(pl.col("entity_id").unique().sort())
    impure = by_entity.filter(pl.col("truth").list.len() > 1).sort("entity_id").rows()
    split = by_truth.filter(pl.col("entity_id").list.len() > 1).sort("truth").rows()
    return Against(
        scores(known["truth"].to_list(), known["entity_id"].to_list()),
        found.height,
        found.height - known.height,
        impure,
        split,
    )


def main(workspace: str, truth: str) -> None:
    """Print the comparison, with examples of what went wrong."""
    views = open_views(Workspace(Path(workspace)))
    said = against(views, Path(truth))
    forms = delivered(views)
    views.close()
    print(said.scores, "mentions", said.mentions, "unlabelled", said.unlabelled)
    print("impure", len(said.impure), "split", len(said.split))
    for entity, codes in said.impure[:15]:
        own = forms.filter(pl.col("entity_id") == entity)
        print(entity, codes, Counter(own["name"].to_list()).most_common(8))
    for code, entities in said.split[:25]:
        print(code)
        for entity in entities:
            own = forms.filter(pl.col("entity_id") == entity)
            print("   ", entity, own.select("dataset", "role", "name", "code").rows()[:4])


if __name__ == "__main__":
    main(*sys.argv[1:3])
