"""Ids over deliveries: corrections, judgements, undo, a lost lake; never a phone or ID number.

Strategy: lakes on disk with a ledger, so that superseded rows are real; each step resolves twice
and the second time must give the same bytes.
"""

import hashlib
import shutil

import polars as pl
import pytest

from ingest.resolve.explain import why
from ingest.resolve.run import resolve
from records.mentions import load_mentions
from records.registry import Judgement, Registry
from records.views import open_views
from records.workspace import Workspace
from tests.integration.lake_files import add_batches
from tests.integration.load_rows import DRIVER, GENERATOR, OWNER, ROWS, manifest
from tests.unit.ingest.resolve.conftest import code_of

A, B = code_of(11), code_of(12)


def content(workspace):
    folder = workspace.derived("resolve")
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def once(workspace):
    views = open_views(workspace)
    try:
        return resolve(workspace, views)
    finally:
        views.close()


def deliver(workspace, rows=None):
    add_batches(workspace, rows or {})
    once(workspace)
    first = content(workspace)
    once(workspace)
    assert content(workspace) == first


def table(workspace, name):
    return pl.read_parquet(workspace.derived("resolve") / f"{name}.parquet")


def firms(workspace, dataset="enterprise", role="enterprise"):
    """Entity per row, rows in order of intake."""
    views = open_views(workspace)
    try:
        found = views.cursor().execute(
            f"SELECT m.entity_id FROM {dataset} d JOIN member m ON m.dataset = '{dataset}'"
            " AND m.batch = d.batch AND m.row = d.row AND m.part = d.part AND m.role = ?"
            " AND m.kind = 'organization' JOIN batch_ledger b ON b.batch = d.batch"
            " ORDER BY b.sequence, d.row",
            [role],
        )
        return [line[0] for line in found.fetchall()]
    finally:
        views.close()


def references(workspace, dataset="enterprise"):
    views = open_views(workspace)
    try:
        found = views.cursor().execute(
            f"SELECT '{dataset}:' || d.batch || ':' || d.row || ':' || d.part FROM {dataset} d"
            " JOIN batch_ledger b ON b.batch = d.batch ORDER BY b.sequence, d.row"
        )
        return [line[0] for line in found.fetchall()]
    finally:
        views.close()


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "workspace")


def manifest_of(number, name, **more):
    return manifest(number, shipper_name=name, shipper_uscc=None, shipper_address=None,
                    shipper_phone=None, **more)  # fmt: skip


def test_a_late_correction_keeps_the_id(workspace):
    deliver(workspace, {"manifest": [manifest_of(1, "苏州天成化工有限公司")]})
    before = firms(workspace, "manifest", "shipper")
    corrected = manifest_of(1, "苏州天成新材料有限公司")
    deliver(workspace, {"manifest": [corrected]})
    assert firms(workspace, "manifest", "shipper") == before
    assert table(workspace, "organization").filter(pl.col("entity_id") == before[0])[
        "name"
    ].to_list() == ["苏州天成新材料有限公司"]
    coded = corrected | {"shipper_uscc": A}
    deliver(workspace, {"manifest": [coded]})
    assert firms(workspace, "manifest", "shipper") == before


def judge(workspace, verdict, rows=None):
    one, two = rows or references(workspace)[:2]
    said = Judgement(one, "enterprise", two, "enterprise", verdict, "甲", "2026-11-01", "走访")
    return Registry(workspace).judge(said)


SISTERS = [
    {"name": "苏州宏润环保科技有限公司", "division_code": "320505", "site_address": "一号路1号"},
    {"name": "苏州宏闰环保科技有限公司", "division_code": "320505", "site_address": "二号路2号"},
]


def test_a_judgement_binds_survives_a_correction_and_can_be_undone(workspace):
    deliver(workspace, {"enterprise": SISTERS})
    apart = firms(workspace)
    assert len(set(apart)) == 2
    number = judge(workspace, "same")
    deliver(workspace)
    joined = firms(workspace)
    assert len(set(joined)) == 1
    assert joined[0] in apart
    lost = next(i for i in apart if i != joined[0])
    assert dict(table(workspace, "entity_alias").iter_rows()) == {lost: joined[0]}
    # The same keys again: the judged rows are superseded, the judgement goes along.
    deliver(workspace, {"enterprise": [row | {"env_contact": "新"} for row in SISTERS]})
    assert firms(workspace) == joined
    Registry(workspace).withdraw(number, "乙", "2026-11-02")
    deliver(workspace)
    undone = firms(workspace)
    assert len(set(undone)) == 2
    assert joined[0] in undone
    assert lost not in undone, "an id that became an alias is never given out again"


def test_different_keeps_apart_until_withdrawn(workspace):
    twins = [SISTERS[0], SISTERS[0] | {"name": "蘇州宏潤環保科技有限公司"}]
    deliver(workspace, {"enterprise": twins})
    assert len(set(firms(workspace))) == 1
    number = judge(workspace, "different")
    deliver(workspace)
    assert len(set(firms(workspace))) == 2
    told = why(workspace, *[f"{row}:enterprise" for row in references(workspace)])
    assert (told.is_same, told.reason) == (False, "refused_judgement")
    judge(workspace, "same")  # the newest word on a pair stands
    deliver(workspace)
    assert len(set(firms(workspace))) == 1
    Registry(workspace).withdraw(number, "乙", "2026-11-02")
    with pytest.raises(KeyError):
        Registry(workspace).withdraw(number, "乙", "2026-11-02")


def test_a_lost_lake_comes_back_with_the_same_bytes(workspace):
    deliver(workspace, ROWS)
    judge(workspace, "unsure", [references(workspace)[0]] * 2)
    deliver(workspace, {"manifest": [manifest(1, shipper_uscc=None, shipper_name="宏润化工")]})
    before = content(workspace)
    shutil.rmtree(workspace.derived("resolve"))
    once(workspace)
    assert content(workspace) == before


def test_every_mention_is_a_member_with_its_column(workspace):
    deliver(workspace, ROWS)
    member = table(workspace, "member")
    stated = {(m.dataset, m.kind, m.role): m for m in load_mentions()}
    columns = dict.fromkeys(("dataset", "kind", "role", "column"))
    for line in member.select(list(columns)).unique().rows(named=True):
        mention = stated[line["dataset"], line["kind"], line["role"]]
        assert line["column"] == (mention.name or mention.code)
    rows = {name: len(rows) for name, rows in ROWS.items()}
    for kind, roles in (("organization", ("shipper", "carrier", "receiver")),
                        ("person", ("driver", "escort")), ("vehicle", ("vehicle", "trailer")),
                        ("phone", ("shipper_contact",)), ("address", ("shipper",))):  # fmt: skip
        for role in roles:
            lines = member.filter(
                (pl.col("dataset") == "manifest")
                & (pl.col("kind") == kind)
                & (pl.col("role") == role)
            )
            assert lines.height == rows["manifest"], (kind, role)
            assert lines.select("batch", "row", "part").is_unique().all()


def test_no_id_can_be_computed_from_a_phone_or_an_id_number(workspace):
    deliver(workspace, ROWS)
    ids = set(table(workspace, "member")["entity_id"].to_list())
    secrets = ["13800000001", "13800000002", OWNER, DRIVER, "6222000000000001", "苏KA1234"]
    for secret in secrets:
        for text in (secret, f"phone:{secret}", f"person:{secret}", f"account:{secret}"):
            tail = hashlib.sha256(text.encode()).hexdigest()[:16]
            assert not any(i.endswith(tail) for i in ids), secret
    code = hashlib.sha256(GENERATOR.encode()).hexdigest()[:16]
    assert f"org:{code}" in ids, "a valid credit code is the anchor of an organisation"


def test_why_takes_entities_aliases_and_rows(workspace):
    deliver(workspace, {"enterprise": SISTERS})
    apart = firms(workspace)
    told = why(workspace, *apart)
    assert (told.is_same, told.reason) == (False, "below_threshold")
    judge(workspace, "same")
    deliver(workspace)
    assert why(workspace, *apart).is_same, "an alias stands for the entity it became"
    assert why(workspace, apart[0], f"{references(workspace)[1]}:enterprise").is_same
