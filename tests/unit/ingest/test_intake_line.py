"""Nothing lost: no-op second runs, rebuilds with equal bytes, kills at any moment, full disks."""

import errno
import os
import random
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from ingest.errors import IngestError
from records.errors import RebuildRefused
from records.intake import Ledger
from records.workspace import Workspace
from tests.unit.ingest.intake import Intake, table
from tests.unit.ingest.test_hj212 import data_packet, log

MANIFEST = ("联单编号", "移出单位", "接受单位", "移出时间", "数据更新时间")
ITEM = ("联单编号", "废物名称", "废物代码", "移出量(吨)")
HOUR = ("企业名称", "监控点名称", "监测因子", "监测时间", "浓度均值")
POINT = ("设备唯一标识", "企业名称", "监控点名称", "系统编码")


def manifest(number: int, receiver: str, updated: str = "") -> tuple[object, ...]:
    return (f"2026320500{number:04d}", "甲", receiver, "2026-10-01 08:00:00", updated)


def zipped(name: str, content: str) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as target:
        target.writestr(name, content.encode())
    return out.getvalue()


def first_wave(intake: Intake) -> None:
    intake.put(
        "manifest/1.csv", table(MANIFEST, *(manifest(k, "乙") for k in range(50))), "gb18030"
    )
    intake.put(
        "manifest_item/1.csv",
        table(ITEM, *((f"2026320500{k:04d}", "废酸", "900-300-34", 1) for k in range(50))),
    )
    intake.put(
        "obs_hour/1.csv", table(HOUR, ("甲", "总排口", "化学需氧量", "2026-10-01 00:00:00", 20))
    )
    intake.put(
        "hj212/1.log",
        log(
            *(
                data_packet(f"DataTime=202603010{h}0000;w01018-Avg={h}", cn=cn)
                for h in range(9)
                for cn in ("2061", "2011")
            )
        ),
    )


def second_wave(intake: Intake) -> None:
    intake.put("monitor_point/1.csv", table(POINT, ("AA", "甲", "总排口", "32")))
    intake.put(
        "manifest/2.csv", table(MANIFEST, *(manifest(k, "丙") for k in range(40, 60)), ("", "x"))
    )
    intake.put(
        "manifest_item/2.zip",
        zipped(
            "x.csv",
            table(ITEM, *((f"2026320500{k:04d}", "废碱", "900-353-35", 2) for k in range(10))),
        ),
    )


def test_a_second_run_does_nothing_and_says_so(intake: Intake) -> None:
    first_wave(intake)
    first = intake.run()
    before = intake.bytes_of_lake()
    stamps = {p: p.stat().st_mtime_ns for p in intake.workspace.lake.rglob("*") if p.is_file()}
    second = intake.run()
    assert [f.is_known for f in second.files] == [True] * 4
    assert not any(f.is_known for f in first.files)
    assert [(f.path, f.read, f.accepted, f.reasons) for f in second.files] == [
        (f.path, f.read, f.accepted, f.reasons) for f in first.files
    ]
    assert intake.bytes_of_lake() == before
    assert {p: p.stat().st_mtime_ns for p in stamps} == stamps


def test_the_same_bytes_under_another_name_are_a_no_op(intake: Intake) -> None:
    intake.put("manifest/1.csv", table(MANIFEST, manifest(1, "乙")))
    intake.run()
    shutil.copy(
        intake.workspace.inbox / "manifest/1.csv", intake.workspace.inbox / "manifest/再次.csv"
    )
    reports = intake.run().files
    assert [(r.path, r.is_known) for r in reports] == [
        ("manifest/1.csv", True),
        ("manifest/再次.csv", True),
    ]
    assert len(Ledger(intake.workspace).batches()) == 1


def test_the_same_bytes_in_two_folders_are_two_batches(intake: Intake) -> None:
    head = (*MANIFEST[:4], *ITEM[1:])
    content = table(head, (*manifest(1, "乙")[:4], "废酸", "900-300-34", 1))
    intake.put("manifest/flat.csv", content)
    intake.put("manifest_item/flat.csv", content)
    assert [r.accepted for r in intake.run().files] == [1, 1]
    assert len(intake.rows("manifest")) == len(intake.rows("manifest_item")) == 1


def test_what_is_no_delivery_is_left_alone_or_reported(intake: Intake) -> None:
    content = table(MANIFEST, manifest(1, "乙"))
    for name in ("a.csv.part", "a.TMP", ".a.csv", "~$a.xlsx"):
        intake.put(f"manifest/{name}", content)
    intake.put("manifesto/a.csv", content)
    intake.put("loose.csv", content)
    intake.put("manifest/sub/a.csv", content)
    report = intake.run()
    assert report.files == ()
    assert report.unknown_folders == ("loose.csv", "manifest/sub", "manifesto")
    assert report.has_refusals


def test_only_the_named_paths_are_taken(intake: Intake) -> None:
    first_wave(intake)
    report = intake.run(paths=(str(intake.workspace.inbox / "manifest"),))
    assert [f.path for f in report.files] == ["manifest/1.csv"]
    with pytest.raises(IngestError, match="不在收件目录"):
        intake.run(paths=("/etc/hostname",))


def test_reference_tables_go_first_within_a_run(intake: Intake) -> None:
    first_wave(intake)
    second_wave(intake)
    folders = [f.dataset for f in intake.run().files if not f.refusal]
    assert folders.index("monitor_point") < folders.index("obs_hour")
    assert intake.rows("obs_hour")[-1]["mn"] in ("AA", "010000A8900016F000169DC0")


def test_unresolved_keys_are_tried_again_when_their_reference_arrives(intake: Intake) -> None:
    first_wave(intake)
    report = next(f for f in intake.run().files if f.path == "obs_hour/1.csv")
    assert (report.read, report.accepted, report.reasons) == (1, 0, {"unresolved_key": 1})
    assert intake.quarantine(report)[0]["columns"] == ["mn"]
    before = Ledger(intake.workspace).find("obs_hour", report.sha256)
    second_wave(intake)
    again = next(f for f in intake.run().files if f.path == "obs_hour/1.csv")
    assert (again.read, again.accepted, again.reasons) == (1, 1, {})
    after = Ledger(intake.workspace).find("obs_hour", report.sha256)
    assert before is not None
    assert after is not None
    assert (after.sequence, after.first_taken_at) == (before.sequence, before.first_taken_at)
    assert (after.accepted, after.quarantined) == (1, 0)
    assert [r["factor_code"] for r in intake.rows("obs_hour") if r["mn"] == "AA"] == ["w01018"]
    assert intake.quarantine(again) == []
    assert all(f.is_known for f in intake.run().files)


def test_a_lost_lake_is_built_again_with_the_same_bytes(intake: Intake) -> None:
    first_wave(intake)
    intake.run(sources={"manifest": {"source_system": "甲系统"}})
    second_wave(intake)
    intake.run()
    before = intake.bytes_of_lake()
    shutil.rmtree(intake.workspace.lake)
    reports = intake.run().files
    assert all(not f.refusal for f in reports)
    assert intake.bytes_of_lake() == before


def test_two_fresh_workspaces_give_the_same_bytes(intake: Intake, tmp_path: Path) -> None:
    other = Intake(Workspace(tmp_path / "other"))
    for each in (intake, other):
        first_wave(each)
        second_wave(each)
        each.run()
    assert intake.bytes_of_lake() == other.bytes_of_lake()
    assert intake.bytes_of_lake()


def test_a_single_lost_batch_is_noticed(intake: Intake) -> None:
    first_wave(intake)
    intake.run()
    before = intake.bytes_of_lake()
    lost = next(intake.workspace.lake.glob("manifest/*/rows.parquet"))
    lost.unlink()
    intake.run()
    assert intake.bytes_of_lake() == before


def test_a_rebuild_without_its_files_is_refused_by_name(intake: Intake) -> None:
    first_wave(intake)
    intake.run()
    (intake.workspace.inbox / "manifest/1.csv").rename(intake.workspace.root / "kept.csv")
    shutil.rmtree(intake.workspace.lake)
    with pytest.raises(RebuildRefused, match=r"缺少 1 个.*manifest/1\.csv"):
        intake.run()
    (intake.workspace.root / "kept.csv").rename(intake.workspace.inbox / "manifest/1.csv")
    assert all(not f.refusal for f in intake.run().files)
    assert len(intake.rows("manifest")) == 50


def test_a_refused_file_is_tried_again_when_it_was_mended(intake: Intake) -> None:
    assert intake.take("manifest/a.csv", "甲,乙\r\n1,2\r\n").refusal_code == "no_header"
    assert Ledger(intake.workspace).batches() == []
    assert intake.take("manifest/a.csv", table(MANIFEST, manifest(1, "乙"))).accepted == 1


def test_a_corrected_delivery_supersedes_and_history_stays(intake: Intake) -> None:
    intake.take("manifest/1.csv", table(MANIFEST, manifest(1, "乙"), manifest(2, "乙")))
    second = intake.take("manifest/2.csv", table(MANIFEST, manifest(1, "丙")))
    current = {r["manifest_no"][-1]: r["receiver_name"] for r in intake.rows("manifest")}
    assert current == {"1": "丙", "2": "乙"}
    history = intake.rows("manifest", history=True)
    gone = [r for r in history if r["superseded_by"]]
    assert [(r["receiver_name"], r["superseded_by"]) for r in gone] == [
        ("乙", f"{second.sha256}:1:1")
    ]


@pytest.mark.parametrize(
    ("first", "second", "stands"),
    [
        ("2026-10-05 00:00:00", "2026-10-04 00:00:00", "乙"),
        ("2026-10-05 00:00:00", "2026-10-06 00:00:00", "丙"),
        ("2026-10-05 00:00:00", "", "丙"),
        ("", "2026-10-04 00:00:00", "丙"),
        ("2026-10-05 00:00:00", "2026-10-05 00:00:00", "丙"),
    ],
)
def test_later_is_the_time_of_change_when_both_have_one(
    intake: Intake, first: str, second: str, stands: str
) -> None:
    intake.take("manifest/1.csv", table(MANIFEST, manifest(1, "乙", first)))
    intake.take("manifest/2.csv", table(MANIFEST, manifest(1, "丙", second)))
    assert [r["receiver_name"] for r in intake.rows("manifest")] == [stands]


def test_a_source_record_id_takes_the_place_of_the_key(intake: Intake) -> None:
    head = (*MANIFEST[:4], "源记录编号")
    intake.take(
        "manifest/1.csv",
        table(head, (*manifest(1, "乙")[:4], "r1"), (*manifest(1, "丁")[:4], "r2")),
    )
    intake.take("manifest/2.csv", table(head, (*manifest(9, "丙")[:4], "r1")))
    found = {(r["manifest_no"][-1], r["receiver_name"]) for r in intake.rows("manifest")}
    assert found == {("9", "丙"), ("1", "丁")}


def test_lines_with_running_numbers_are_replaced_as_a_set(intake: Intake) -> None:
    one, two = (f"2026320500000{k}" for k in (1, 2))
    intake.take(
        "manifest_item/1.csv",
        table(
            ITEM,
            (one, "a", "900-300-34", 1),
            (one, "b", "900-300-34", 2),
            (two, "c", "900-300-34", 3),
        ),
    )
    intake.take("manifest_item/2.csv", table(ITEM, (one, "d", "900-300-34", 4)))
    assert {r["waste_name"] for r in intake.rows("manifest_item")} == {"c", "d"}
    history = intake.rows("manifest_item", history=True)
    assert {r["waste_name"]: bool(r["superseded_by"]) for r in history} == {
        "a": True,
        "b": True,
        "c": False,
        "d": False,
    }


def test_lines_with_numbers_of_their_own_are_corrected_one_by_one(intake: Intake) -> None:
    head = (*ITEM, "序号")
    one = "20263205000001"
    intake.take(
        "manifest_item/1.csv",
        table(head, (one, "a", "900-300-34", 1, 1), (one, "b", "900-300-34", 2, 2)),
    )
    intake.take("manifest_item/2.csv", table(head, (one, "d", "900-300-34", 4, 2)))
    assert {r["waste_name"] for r in intake.rows("manifest_item")} == {"a", "d"}


def test_nothing_is_deleted_by_absence(intake: Intake) -> None:
    intake.take("manifest/1.csv", table(MANIFEST, manifest(1, "乙"), manifest(2, "乙")))
    intake.take("manifest/2.csv", table(MANIFEST, manifest(3, "乙")))
    assert len(intake.rows("manifest")) == 3


FAILPOINTS = (
    ("ingest.batch:finish_file-", 1),
    ("ingest.batch:finish_file+", 2),
    ("records.lake:StagedBatch.write_report+", 1),
    ("records.lake:StagedBatch.publish-", 2),
    ("records.lake:os.rename+", 1),
    ("records.lake:os.rename+", 2),
    ("records.lake:StagedBatch.publish+", 2),
    ("records.intake:Ledger.commit-", 1),
    ("records.intake:Ledger.commit+", 1),
    ("records.intake:Ledger.commit+", 3),
    ("records.intake:Ledger.announce+", 1),
    ("records.intake:Ledger.finish-", 1),
    ("records.intake:Ledger.finish+", 1),
    ("ingest.drop:supersede-", 1),
    ("records.supersede:_write+", 1),
    ("records.supersede:os.replace-", 1),
    ("records.supersede:write_text-", 1),
)


# Killed while the lake is built again.
REBUILDS = (("records.lake:os.rename+", 4), ("records.intake:Ledger.restate-", 1))


def test_kills_at_any_moment_leave_the_bytes_of_an_undisturbed_run(
    intake: Intake, tmp_path: Path
) -> None:
    """First wave undisturbed, second wave killed at each failpoint and at random moments."""
    first_wave(intake)
    intake.run()
    ready = tmp_path / "ready"
    shutil.copytree(intake.workspace.root, ready)
    second_wave(intake)
    intake.run()
    expected = intake.bytes_of_lake()
    seed = random.SystemRandom().randrange(1 << 30)
    print("seed", seed)
    chance = random.Random(seed)
    moments = [("after", chance.randrange(20, 1200)) for _ in range(3)]
    arguments: list[str] = []
    runs: list[tuple[Intake, str]] = []
    points = [*FAILPOINTS, *REBUILDS, *moments]
    for number, (failpoint, hit) in enumerate(points):
        other = Intake(Workspace(tmp_path / f"run{number}"))
        shutil.copytree(ready, other.workspace.root)
        second_wave(other)
        if (failpoint, hit) in REBUILDS:
            shutil.rmtree(other.workspace.lake)
        runs.append((other, f"{failpoint} {hit}"))
        arguments += [str(other.workspace.root), failpoint, str(hit)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.ingest.killed_runs", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    ends = done.stdout.splitlines()
    assert len(ends) == len(runs), done.stderr
    for line in ends[: len(FAILPOINTS) + len(REBUILDS)]:
        assert line.endswith("killed"), line
    for other, name in runs:
        reports = other.run().files
        assert all(not file.refusal for file in reports), name
        assert other.bytes_of_lake() == expected, name
        assert Ledger(other.workspace).unfinished() == [], name


@pytest.mark.parametrize("place", ["records.lake.os.rename", "ingest.batch.finish_file"])
def test_a_full_disk_is_said_and_leaves_nothing_half_written(
    intake: Intake, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    first_wave(intake)
    intake.run()
    before = intake.bytes_of_lake()
    second_wave(intake)

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(place, full)
        with pytest.raises(IngestError, match=r"磁盘已满.*腾出空间"):
            intake.run()
    assert intake.bytes_of_lake() == before
    assert len(Ledger(intake.workspace).batches()) == 4
    assert all(not f.refusal for f in intake.run().files)


def test_an_unreadable_file_is_refused_and_the_others_go_on(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_wave(intake)
    broken = intake.workspace.inbox / "manifest/1.csv"
    original = Path.open

    def failing(self: Path, *args: object, **kwargs: object) -> object:
        if self == broken:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return original(self, *args, **kwargs)  # type: ignore[call-overload]  # passed through

    monkeypatch.setattr(Path, "open", failing)
    reports = {f.path: f for f in intake.run().files}
    assert reports["manifest/1.csv"].refusal_code == "unreadable"
    assert reports["manifest_item/1.csv"].accepted == 50
