"""A small simulated province through the intake: nothing is lost, and everyday rows are innocent.

Strategy: one inbox for the module, taken in once. The oracles are SQL written from the text of the
domain; rows that the truth file claims for a planted case are left out.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl
import pytest

from ingest.drop import IngestOptions, ingest
from ingest.report import IngestReport
from ingest.simulate.province import SimulationReport, simulate
from records.views import Views, open_views
from records.workspace import Workspace

pytestmark = pytest.mark.slow
SEED = 7


@dataclass(frozen=True)
class Taken:
    """A simulated inbox after the intake."""

    made: SimulationReport
    report: IngestReport
    truth: dict[str, Any]
    views: Views

    def one(self, sql: str) -> tuple[Any, ...]:
        """The single row of a query."""
        row = self.views.cursor().execute(sql).fetchone()
        assert row is not None
        return tuple(row)


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taken]:
    root = tmp_path_factory.mktemp("simulated")
    workspace = Workspace(root / "workspace")
    made = simulate(workspace.inbox, seed=SEED, truth=root / "truth.json")
    report = ingest(workspace, IngestOptions(), lambda _: None)
    truth = json.loads((root / "truth.json").read_text(encoding="utf-8"))
    views = open_views(workspace)
    try:
        yield Taken(made, report, truth, views)
    finally:
        views.close()


@pytest.fixture(scope="module")
def planted(taken: Taken, tmp_path_factory: pytest.TempPathFactory) -> str:
    """SQL source of the keys of planted rows: dataset, key."""
    path = tmp_path_factory.mktemp("planted") / "rows.parquet"
    rows = {(r["dataset"], r["key"]) for c in taken.truth["cases"] for r in c["rows"]}
    pl.DataFrame(sorted(rows), orient="row", schema=["dataset", "key"]).write_parquet(path)
    return f"read_parquet('{path}')"


def test_every_row_is_accepted_or_quarantined_and_none_refused(taken: Taken) -> None:
    assert not taken.report.unknown_folders
    assert [f.path for f in taken.report.files if f.refusal] == []
    read: dict[str, int] = {}
    for file in taken.report.files:
        assert file.read == file.accepted + file.quarantined, file.path
        read[file.dataset] = read.get(file.dataset, 0) + file.read
    assert read == taken.made.rows


def test_quarantined_is_what_was_broken_on_purpose(taken: Taken) -> None:
    reasons: dict[str, dict[str, int]] = {}
    for file in taken.report.files:
        for reason, count in file.reasons.items():
            mine = reasons.setdefault(file.dataset, {})
            mine[reason] = mine.get(reason, 0) + count
    assert reasons == taken.truth["bad_rows"]


def test_no_batch_falls_below_the_data_gate(taken: Taken) -> None:
    for file in taken.report.files:
        assert file.accepted >= 0.95 * file.read, file.path
        # Two planted trips of one truck may share a satellite fix; nothing else shares a key.
        assert file.flags.get("superseded_in_file", 0) <= (file.dataset == "gps_point"), file.path


def test_counts_are_those_of_the_small_size(taken: Taken) -> None:
    rows = taken.made.rows
    assert 4_500 <= taken.one("SELECT count(*) FROM manifest WHERE accepted_at >= "
                              "TIMESTAMP '2026-09-30 16:00'")[0] <= 6_500  # fmt: skip
    assert rows["monitor_point"] == 60
    assert taken.one("SELECT count(DISTINCT mn) FROM obs_hour")[0] == 60
    assert taken.one("SELECT count(DISTINCT shipper_name) FROM manifest")[0] > 700
    assert taken.one("SELECT count(DISTINCT body_uscc) FROM test_report")[0] >= 20
    assert rows["carrier_licence"] >= 120
    hours, newest = taken.one(
        "SELECT count(DISTINCT data_time), max(data_time) + INTERVAL 8 HOUR FROM obs_hour"
    )
    assert hours == 744
    assert str(newest) == "2026-10-31 23:00:00"


def test_points_named_only_in_words_are_found(taken: Taken) -> None:
    """Web exports carry no MN and no factor code."""
    web = [f for f in taken.report.files if "web" in f.path]
    assert [f.quarantined for f in web] == [0]
    assert (
        taken.one("SELECT count(*) FROM obs_hour WHERE mn IS NULL OR factor_code IS NULL")[0] == 0
    )


def test_everyday_series_do_not_stand_still(taken: Taken, planted: str) -> None:
    """Never three analyses in a row within one digit of the display, on any untouched point."""
    found = taken.one(f"""
        WITH touched AS (
            SELECT DISTINCT split_part(key, '|', 1) AS mn FROM {planted}
            WHERE dataset IN ('obs_hour', 'obs_minute')
        ), analysed AS (
            SELECT o.mn, o.factor_code, o.avg, o.flag_raw, f.resolution,
                lag(o.avg) OVER w AS one, lag(o.avg, 2) OVER w AS two,
                lag(o.flag_raw) OVER w || lag(o.flag_raw, 2) OVER w AS before
            FROM obs_hour o JOIN monitor_factor f USING (mn, factor_code)
            WHERE factor_code IN ('w01018', 'w21003', 'w21011', 'a21026', 'a21002', 'a34013')
            AND hour(o.data_time + INTERVAL 8 HOUR) % greatest(1, f.cycle_min / 60)::INT = 0
            WINDOW w AS (PARTITION BY o.mn, o.factor_code ORDER BY o.data_time)
        )
        SELECT count(*) FILTER (flag_raw || before = 'NNN'
                AND greatest(avg, one, two) - least(avg, one, two) <= resolution * 1.0001),
            count(*), count(DISTINCT mn)
        FROM analysed WHERE mn NOT IN (FROM touched)
    """)
    assert found[0] == 0
    assert found[1] > 20_000
    assert found[2] > 10


def test_everyday_transfers_have_all_their_papers(taken: Taken, planted: str) -> None:
    """Licence, scope, method, truck, trailer, driver, escort, border: none is missing."""
    tests = taken.one(f"""
        WITH moved AS (
            SELECT m.*, i.waste_code, i.method, 'HW' || right(i.waste_code, 2) AS category,
                (m.accepted_at + INTERVAL 8 HOUR)::DATE AS day
            FROM manifest m JOIN manifest_item i USING (manifest_no)
            WHERE m.decision <> '拒绝' AND m.manifest_no NOT IN (
                SELECT split_part(key, '|', 1) FROM {planted} WHERE dataset = 'manifest')
        ), item AS (
            SELECT i.*, l.valid_from AS since, l.valid_to AS until
            FROM hw_licence_item i JOIN hw_licence l USING (licence_no, valid_from)
            WHERE l.status = '有效'
        )
        SELECT count(*),
            count(*) FILTER (NOT EXISTS (FROM item WHERE item.licence_no = moved.licence_no
                AND item.category = moved.category AND day BETWEEN since AND until
                AND (item.waste_code IS NULL OR item.waste_code = moved.waste_code)
                AND list_contains(string_split(item.method, '、'), moved.method))),
            count(*) FILTER (NOT EXISTS (FROM vehicle_permit v WHERE v.plate = moved.plate
                AND v.valid_to >= day AND v.scope LIKE '%危险%')),
            count(*) FILTER (trailer_plate IS NOT NULL AND NOT EXISTS (FROM vehicle_permit v
                WHERE v.plate = moved.trailer_plate AND v.valid_to >= day)),
            count(*) FILTER (NOT EXISTS (FROM driver_permit d WHERE d.person_id = moved.driver_id
                AND d.valid_to >= day AND d.kind LIKE '%驾驶%')),
            count(*) FILTER (NOT EXISTS (FROM driver_permit d WHERE d.person_id = moved.escort_id
                AND d.valid_to >= day AND d.kind = '押运')),
            count(*) FILTER (moved.scope <> '省内' OR left(moved.shipper_division, 2) <> '32')
        FROM moved
    """)
    assert tests[0] > 5_500
    assert tests[1:] == (0,) * 6


def test_everyday_sampling_is_possible_and_seen(taken: Taken, planted: str) -> None:
    """No sampler too fast, every photo at the site, every car seen where three cameras watch."""
    jobs = f"""
        WITH job AS (
            SELECT report_no, min(sampling_start_at) AS started, max(sampling_end_at) AS ended,
                any_value(lon) AS lon, any_value(lat) AS lat, any_value(plate) AS plate,
                any_value(sampler_cert_nos) AS certs
            FROM test_sample WHERE report_no NOT IN (
                SELECT split_part(key, '|', 1) FROM {planted} WHERE dataset = 'test_report')
            GROUP BY report_no
        )"""
    apart = "sqrt((({0}.lon - {1}.lon) * 93.5) ** 2 + (({0}.lat - {1}.lat) * 110.85) ** 2)"
    total, rushed = taken.one(f"""{jobs}, own AS (
            SELECT unnest(string_split(certs, '、')) AS cert, * FROM job
        ), pair AS (
            SELECT *, lead(started) OVER w AS next_at, lead(lon) OVER w AS next_lon,
                lead(lat) OVER w AS next_lat
            FROM own WINDOW w AS (PARTITION BY cert ORDER BY started)
        )
        SELECT count(*), count(*) FILTER (date_diff('minute', ended, next_at)
            < sqrt(((next_lon - lon) * 93.5) ** 2 + ((next_lat - lat) * 110.85) ** 2))
        FROM pair WHERE next_at IS NOT NULL
    """)
    assert total > 1_000
    assert rushed == 0
    photos, odd = taken.one(f"""{jobs}
        SELECT count(*), count(*) FILTER (p.exif_at NOT BETWEEN started AND ended
            OR sqrt(((p.exif_lon - lon) * 93.5) ** 2 + ((p.exif_lat - lat) * 110.85) ** 2) > 1)
        FROM job JOIN test_photo p USING (report_no)
    """)
    assert photos > 1_000
    assert odd == 0
    watched, unseen = taken.one(f"""{jobs}, near AS (
            SELECT report_no, c.checkpoint_no FROM job, checkpoint c
            WHERE {apart.format("job", "c")} < 10
        ), covered AS (SELECT report_no FROM near GROUP BY 1 HAVING count(*) >= 3)
        SELECT count(*), count(*) FILTER (NOT EXISTS (
            FROM near JOIN checkpoint_pass p USING (checkpoint_no)
            WHERE near.report_no = job.report_no AND p.plate = job.plate
            AND p.passed_at BETWEEN started - INTERVAL 2 HOUR AND ended + INTERVAL 2 HOUR))
        FROM job WHERE report_no IN (FROM covered)
    """)
    assert watched > 200
    assert unseen == 0
