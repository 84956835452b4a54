"""Batches in the lake, the ledger, and the views over both."""

from pathlib import Path

import polars as pl
import pytest

from records.contract import load_contract
from records.errors import LedgerError
from records.intake import BatchOutcome, Event, Ledger
from records.lake import REPORT, ROWS, StagedBatch, remove_debris
from records.mentions import load_mentions, mentions_of
from records.resolved import RESOLVED_TABLES
from records.views import open_views, resolved_view
from records.workspace import Workspace

STATION = load_contract().dataset("toll_station")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty workspace."""
    return Workspace(tmp_path)


def rows(*names: str) -> pl.DataFrame:
    """Rows of toll stations as they are staged."""
    schema = {n: t for n, t in STATION.schema.items() if n != "batch"}
    return pl.DataFrame(
        [
            {
                "row": k,
                "part": 1,
                "station_no": f"G{k}",
                "name": name,
                "lon": 120.6,
                "lat": 31.3,
                "flags": [],
            }
            for k, name in enumerate(names, start=1)
        ],
        schema=schema,
    )


def publish(workspace: Workspace, batch: str, *names: str) -> None:
    """A batch of toll stations, written and put in its place."""
    staged = StagedBatch(workspace, "toll_station", batch)
    staged.add_records("toll_station", rows(*names))
    [chunk] = staged.chunks["toll_station"]
    frame = pl.read_parquet(chunk).with_columns(pl.lit(batch).alias("batch"))
    frame.select(*STATION.schema).write_parquet(staged.target("toll_station"))
    staged.write_quarantine()
    staged.write_report('{"event": 1}')
    staged.publish()


def outcome(read: int = 1, quarantined: int = 0, waits: tuple[str, ...] = ()) -> BatchOutcome:
    """What one processing gave."""
    accepted = read - quarantined
    return BatchOutcome(read, accepted, quarantined, ("toll_station",), {}, waits, "{}")


def commit(workspace: Workspace, batch: str, **options: int) -> None:
    """Commit a batch to the ledger."""
    ledger = Ledger(workspace)
    event = Event(ledger.next_event(), "toll_station", batch, "{}")
    ledger.commit(event, f"toll_station/{batch}", "2026-11-01T08:00:00+08:00", outcome(**options))


def test_nothing_is_seen_of_a_staged_batch(workspace: Workspace) -> None:
    staged = StagedBatch(workspace, "toll_station", "b1")
    staged.add_records("toll_station", rows("甲"))
    assert [p.name for p in workspace.lake.iterdir()] == [".staging"]
    staged.discard()
    assert not list(workspace.staging.rglob("*.parquet"))


def test_a_published_batch_replaces_an_earlier_one_whole(workspace: Workspace) -> None:
    publish(workspace, "b1", "甲")
    (workspace.batch("toll_station", "b1") / "old").touch()
    publish(workspace, "b1", "乙", "丙")
    folder = workspace.batch("toll_station", "b1")
    assert sorted(p.name for p in folder.iterdir()) == ["quarantine.parquet", REPORT, ROWS]
    assert pl.read_parquet(folder / ROWS)["name"].to_list() == ["乙", "丙"]


def test_debris_is_what_the_ledger_does_not_name(workspace: Workspace) -> None:
    publish(workspace, "b1", "甲")
    publish(workspace, "b2", "乙")
    workspace.derived("detect").mkdir(parents=True)
    (workspace.staging / "x").mkdir(parents=True)
    remove_debris(workspace, [("toll_station", "b1")])
    assert [p.name for p in (workspace.lake / "toll_station").iterdir()] == ["b1"]
    assert workspace.derived("detect").exists()
    assert not workspace.staging.exists()
    remove_debris(workspace, [])
    assert sorted(p.name for p in workspace.lake.iterdir()) == ["derived"]


def test_the_ledger_counts_up_and_keeps_the_first_intake(workspace: Workspace) -> None:
    ledger = Ledger(workspace)
    assert (ledger.batches(), ledger.events(), ledger.next_event()) == ([], [], 1)
    assert not workspace.state.exists()
    commit(workspace, "b1", read=3, quarantined=1)
    commit(workspace, "b2")
    first, second = ledger.batches()
    assert (first.sequence, second.sequence) == (1, 2)
    assert (first.read, first.accepted, first.quarantined) == (3, 2, 1)
    assert ledger.find("toll_station", "b2") == second
    assert ledger.find("manifest", "b2") is None
    again = Event(ledger.next_event(), "toll_station", "b1", '{"crs": "GCJ02"}')
    ledger.announce(again)
    assert ledger.unfinished() == [again]
    assert [e.number for e in ledger.events()] == [1, 2]
    ledger.finish(again, outcome(read=3))
    revised = ledger.find("toll_station", "b1")
    assert revised is not None
    assert (revised.sequence, revised.first_taken_at, revised.accepted) == (
        1,
        first.first_taken_at,
        3,
    )
    assert [e.number for e in ledger.events()] == [1, 2, 3]
    assert ledger.last_event() == {("toll_station", "b1"): 3, ("toll_station", "b2"): 2}


def test_an_announced_event_can_be_withdrawn(workspace: Workspace) -> None:
    commit(workspace, "b1")
    ledger = Ledger(workspace)
    event = Event(2, "toll_station", "b1", "{}")
    ledger.announce(event)
    ledger.withdraw(event)
    assert ledger.unfinished() == []
    assert ledger.next_event() == 2


def test_counts_that_do_not_add_up_are_not_committed(workspace: Workspace) -> None:
    ledger = Ledger(workspace)
    wrong = BatchOutcome(3, 1, 1, (), {}, (), "{}")
    with pytest.raises(Exception, match="CHECK constraint"):
        ledger.commit(Event(1, "manifest", "b", "{}"), "manifest/b", "", wrong)
    assert ledger.batches() == []
    assert ledger.events() == []


def test_the_report_of_an_unknown_batch_is_an_error(workspace: Workspace) -> None:
    with pytest.raises(LedgerError, match="manifest/b"):
        Ledger(workspace).report("manifest", "b")


def test_only_what_the_ledger_names_is_seen(workspace: Workspace) -> None:
    publish(workspace, "b1", "甲")
    publish(workspace, "b2", "乙")
    commit(workspace, "b1")
    views = open_views(workspace)
    sql = views.cursor()
    assert sql.execute("SELECT name FROM toll_station").fetchall() == [("甲",)]
    ledger = sql.execute("SELECT dataset, sequence, accepted_ratio FROM batch_ledger").fetchall()
    assert ledger == [("toll_station", 1, 1.0)]
    views.close()


def test_every_dataset_has_three_views_with_the_declared_columns(workspace: Workspace) -> None:
    publish(workspace, "b1", "甲")
    commit(workspace, "b1")
    views = open_views(workspace)
    sql = views.cursor()
    for name, dataset in load_contract().datasets.items():
        linked = [m.linked_column for m in mentions_of(name) if m.linked_column]
        for view, more in (
            (name, []),
            (f"{name}_history", ["superseded_by"]),
            (f"{name}_linked", linked),
        ):
            found = [item[0] for item in sql.execute(f'SELECT * FROM "{view}"').description]
            assert found == [*dataset.schema, *dict.fromkeys(more)], view
    for name, columns in RESOLVED_TABLES.items():
        sql.execute(f'SELECT * FROM "{resolved_view(name)}"')
        assert [item[0] for item in sql.description] == list(columns)
    assert sql.execute("SELECT count(*) FROM finding").fetchall() == [(0,)]
    views.close()


def test_empty_and_filled_datasets_have_the_same_types(workspace: Workspace) -> None:
    publish(workspace, "b1", "甲")
    empty = open_views(workspace)
    before = empty.cursor().execute("DESCRIBE toll_station").fetchall()
    empty.close()
    commit(workspace, "b1")
    filled = open_views(workspace)
    assert filled.cursor().execute("DESCRIBE toll_station").fetchall() == before
    filled.close()


def test_mentions_name_columns_of_their_datasets() -> None:
    for mention in load_mentions():
        names = {column.name for column in load_contract().dataset(mention.dataset).columns}
        for column in (mention.name, mention.code, mention.phone, mention.address, mention.person):
            assert not column or column in names, (mention.dataset, column)
