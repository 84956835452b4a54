"""Rows that say little, too much or two things at once: taken in, resolved, and reported.

Strategy: one workspace of two CSV files goes through intake and resolution as in a run; every bad
row lies in it beside good firms that it must not touch. A key that 100,000 records share is tried
on generated records, without intake.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest

from api.jobs import Jobs
from ingest.report import IngestReport
from ingest.resolve.block import block
from ingest.resolve.kinds import organization as org
from ingest.resolve.kinds import organization_records as forms
from ingest.resolve.kinds.firms import match_records
from ingest.resolve.run import ResolveReport
from ingest.resolve.weigh import load_weights
from tests.unit.ingest.resolve.behaviour_town import FIRST as LETTERS
from tests.unit.ingest.resolve.conftest import code_of
from tests.workspace import settings_of

HEADINGS = {
    "enterprise": ["企业名称", "行政区划代码", "详细地址", "统一社会信用代码", "环保联系电话"],
    "company": ["企业名称", "行政区划代码", "住所", "统一社会信用代码"],
}
SUZHOU, NANTONG = "320505", "320602"
FIRST, SECOND = code_of(301), code_of(302)
PHONE = "025-88888888"


class Row(NamedTuple):
    """One row of ``enterprise`` in the order of its headings."""

    name: str
    division: str = SUZHOU
    address: str = ""
    code: str = ""
    phone: str = ""


def wide(text: str) -> str:
    """``text`` in full-width characters."""
    return text.translate({ord(c): ord(c) + 0xFEE0 for c in text})


GOOD = {
    "first": Row("苏州恒邦环保科技有限公司", code=FIRST, address="鸿图路8号", phone=PHONE),
    "second": Row("苏州鼎泽纺织印染有限公司", code=SECOND, address="望亭路9号"),
    "plain": Row("苏州佳誉机械制造有限公司", phone="0512-66667777"),
}
# Rows of one and the same good firm, however they are written.
ODD_BUT_CLEAR = {
    "full-width code": ("second", Row("鼎泽公司", code=wide(SECOND))),
    "full-width name": ("plain", Row("苏州　佳誉　机械制造有限公司（苏州）")),
    "extension": ("plain", Row("苏州佳裕机械制造有限公司", phone="0512-66667777转801")),
    "extension in words": (
        "plain",
        Row("苏州佳喻机械制造有限公司", phone="0512 66667777分机12"),
    ),
}
LONG = "水" * 33_400
# Names that tell nobody apart; each must stay by itself although it shares phone and address.
NAMELESS = {
    "one character": Row("王", phone=PHONE),
    "one letter": Row("A", address="鸿图路8号"),
    "brackets only": Row("（（（（", phone=PHONE),
    "other brackets only": Row("【】", address="鸿图路8号"),
    "region only": Row("江苏省", phone=PHONE),
    "short region only": Row("苏州", address="鸿图路8号"),
    "dots only": Row("。。"),
    "dashes only": Row("——"),
    "marks only": Row("！？", phone=PHONE),
    "legal form only": Row("有限公司", phone=PHONE),
    "branch only": Row("分公司", address="鸿图路8号"),
}
TOO_LONG = {"100 kB": Row(LONG), "100 kB with the phone": Row("土" + LONG, phone=PHONE)}
# The code of one firm and the name of another, both registered.
CONTRADICTORY = Row(GOOD["first"].name, code=SECOND, phone="13822223333")
ROWS = {
    **GOOD,
    **{name: row for name, (_, row) in ODD_BUT_CLEAR.items()},
    **NAMELESS,
    **TOO_LONG,
    "contradictory": CONTRADICTORY,
    "uncoded after it": Row(GOOD["first"].name, NANTONG),
}
COMPANIES = [(row.name, row.division, row.address, row.code) for row in GOOD.values() if row.code]


@dataclass(frozen=True)
class Outcome:
    """What became of the rows: entity by the name of each row; both reports; tables' bytes."""

    entity: dict[str, str]
    sizes: dict[str, int]
    taken: IngestReport
    resolved: ResolveReport
    names: dict[str, str]


def write(path: Path, headings: list[str], rows: Sequence[tuple[str, ...]]) -> None:
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        writer.writerows(rows)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    settings = settings_of(tmp_path_factory.mktemp("bad") / "workspace")
    settings.paths.create()
    inbox = settings.paths.inbox
    write(inbox / "enterprise" / "rows.csv", HEADINGS["enterprise"], [*ROWS.values()])
    write(inbox / "company" / "rows.csv", HEADINGS["company"], COMPANIES)
    jobs = Jobs(settings)
    _, taken = jobs.ingest()
    _, resolved = jobs.resolve()
    assert resolved is not None
    folder = settings.paths.derived("resolve")
    members = pl.read_parquet(folder / "member.parquet").filter(
        (pl.col("kind") == "organization") & (pl.col("dataset") == "enterprise")
    )
    number = dict(enumerate(ROWS, 1))
    entity = {number[row]: found for row, found in members.select("row", "entity_id").iter_rows()}
    organizations = pl.read_parquet(folder / "organization.parquet")
    return Outcome(
        entity,
        dict(members.group_by("entity_id").len().iter_rows()),
        taken,
        resolved,
        dict(organizations.select("entity_id", "name").iter_rows()),
    )


def test_every_row_is_taken_in_and_is_somebody(outcome: Outcome) -> None:
    assert [file.refusal for file in outcome.taken.files] == ["", ""]
    assert sum(file.read for file in outcome.taken.files) == len(ROWS) + len(COMPANIES)
    assert sum(file.quarantined for file in outcome.taken.files) == 0
    assert set(outcome.entity) == set(ROWS)
    assert set(outcome.entity.values()) <= set(outcome.names)


@pytest.mark.parametrize("name", ODD_BUT_CLEAR)
def test_odd_writing_is_understood(name: str, outcome: Outcome) -> None:
    firm, _ = ODD_BUT_CLEAR[name]
    assert outcome.entity[name] == outcome.entity[firm]


@pytest.mark.parametrize("name", [*NAMELESS, *TOO_LONG])
def test_a_name_that_says_nothing_joins_nothing(name: str, outcome: Outcome) -> None:
    assert outcome.sizes[outcome.entity[name]] == 1


def test_a_contradictory_row_brings_nobody_together(outcome: Outcome) -> None:
    found = outcome.entity
    assert found["first"] != found["second"]
    assert found["contradictory"] == found["second"], "the code decides"
    assert found["uncoded after it"] != found["second"]
    assert outcome.names[found["second"]] == GOOD["second"].name
    assert outcome.names[found["first"]] == GOOD["first"].name


REPORTED = [
    r"^1 records carry the code of one firm and the name of another",
    rf"^{len(NAMELESS)} rows have a name that tells nobody apart",
    rf"^{len(TOO_LONG)} rows have a name of more than 200 characters",
]


@pytest.mark.parametrize("note", REPORTED)
def test_the_run_reports_it(note: str, outcome: Outcome) -> None:
    assert any(re.search(note, text) for text in outcome.resolved.notes), outcome.resolved.notes


SHARED_BY = 100_000
SHARED_PAIRS = 10_000_000


def shared_fields(column: str, value: str) -> pl.DataFrame:
    """Normal forms of 100,000 firms with one value in common, without codes."""
    number = np.arange(SHARED_BY)
    letters = np.array(list(LETTERS))
    pick = [letters[(number // len(letters) ** k) % len(letters)] for k in range(3)]
    rows = {"name": "苏州" + pl.Series(["".join(three) for three in zip(*pick, strict=True)])}
    blank = {key: [""] * SHARED_BY for key in ("code", "phone", "address", "person", "division")}
    blank["division"] = [SUZHOU] * SHARED_BY
    frame = pl.DataFrame({**blank, **rows}).with_columns(
        pl.col("name") + "实业有限公司",
        pl.lit(value).alias(column),
        mention=pl.lit(0),
        rows=pl.lit(1, pl.Int64),
    )
    return forms.tuple_fields(frame)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "value", "key"),
    [
        ("phone", "13800009999", "phone"),
        ("address", "苏州市鸿图路1号", "address"),
        ("person", "司徒怀瑾", "representative+city"),
    ],
)
def test_a_key_of_100_000_records_is_dropped_and_said(column: str, value: str, key: str) -> None:
    former = pl.DataFrame(schema={"code": pl.String, "name": pl.String})
    records = forms.build_records(shared_fields(column, value), former, set())
    assert records.height == SHARED_BY
    blocks = block(org.block_keys(records, forms.packed_records(records)), records.height)
    assert int(blocks.following.sum()) < SHARED_PAIRS, "memory and time follow the pairs"
    firms = match_records(records, load_weights(), 2.0)
    dropped = {d.key: d.largest for d in firms.scored.candidates.dropped}
    assert dropped[key] == SHARED_BY
    assert int(np.bincount(firms.clusters.root).max()) == 1
