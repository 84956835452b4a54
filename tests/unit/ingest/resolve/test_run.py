"""The whole stage on small lakes: kinds, ids over time, relations, and kills."""

import polars as pl
import pytest

from ingest.resolve import run as stage
from ingest.resolve.run import ResolveOptions, resolve
from records.registry import Registry
from records.resolved import RESOLVED_TABLES
from records.views import RESOLVED_FILES
from records.workspace import Workspace
from tests.unit.ingest.resolve.conftest import code_of, id_number_of, make_views

A, B = code_of(1), code_of(2)
PERSON = id_number_of(1)
ROWS = {
    "company": [
        {"uscc": A, "name": "苏州宏润环保科技有限公司", "legal_rep": "王强", "legal_rep_id": PERSON,
         "division_code": "320505", "phone": "0512-66668888", "address": "苏州市振兴路8号"},
        {"uscc": B, "name": "南通金桥运输有限公司", "division_code": "320602"},
    ],
    "enterprise": [
        {"uscc": A, "name": "苏州宏润环保科技有限公司", "site_address": "苏州市振兴路8号",
         "division_code": "320505", "lon": 120.60001, "lat": 31.30001, "env_phone": "051266668888"},
    ],
    "permit": [
        {"uscc": A, "unit_name": "苏州宏润环保科技有限公司", "division_code": "320505",
         "lon": 120.60101, "lat": 31.30001},
        {"uscc": A, "unit_name": "苏州宏润环保科技有限公司", "division_code": "320505",
         "lon": 120.70001, "lat": 31.30001},
    ],
    "monitor_point": [
        {"mn": "M1", "uscc": A, "outlet_code": "DW001", "st": "32"},
        {"mn": "M2", "uscc": A, "outlet_code": "dw-001", "st": "32"},
    ],
    "om_contract": [{"contract_no": "C1", "mn": "M1", "client_uscc": A, "body_uscc": B}],
    "vehicle": [{"plate": "苏F8B123", "plate_kind": "01", "owner_name": "金桥", "owner_id": B}],
    "checkpoint_pass": [
        {"plate": "苏F88123", "plate_kind": None},
        {"plate": "UNREAD"},
        {"plate": "苏F8B123", "plate_kind": "15"},
    ],
    "driver_permit": [
        {"permit_no": "P1", "name": "李明", "person_id": id_number_of(2), "employer_uscc": B,
         "employer_name": "南通金桥运输有限公司", "phone": "13811112222"},
    ],
    "manifest": [
        {"manifest_no": "1", "driver_name": "李明", "driver_phone": "13811112222",
         "carrier_uscc": B},
        {"manifest_no": "2", "driver_name": "李明", "carrier_uscc": B},
        {"manifest_no": "3", "driver_name": "李明"},
    ],
    "invoice": [
        {"seller_uscc": PERSON, "seller_name": "王强", "buyer_uscc": A, "plate": None},
    ],
    "shareholder": [
        {"uscc": B, "holder_name": "苏州宏润环保科技有限公司", "holder_kind": "企业法人",
         "pct": 60.0},
    ],
    "test_sample": [
        {"report_no": "R", "body_uscc": B, "samplers": "赵一、钱二"},
    ],
}  # fmt: skip


def run(rows, root, batch="b" * 64):
    workspace = Workspace(root)
    views = make_views(rows, batch)
    report = resolve(workspace, views)
    views.close()
    return workspace, report


def table(workspace, name):
    return pl.read_parquet(workspace.derived("resolve") / f"{name}.parquet")


def entity(workspace, dataset, row, kind, role):
    member = table(workspace, "member")
    found = member.filter(
        (pl.col("dataset") == dataset)
        & (pl.col("row") == row)
        & (pl.col("kind") == kind)
        & (pl.col("role") == role)
    )["entity_id"].to_list()
    return found[0] if found else None


@pytest.fixture(scope="module")
def resolved(tmp_path_factory):
    return run(ROWS, tmp_path_factory.mktemp("resolved"))[0]


def test_tables_have_the_declared_columns(resolved):
    for name, columns in RESOLVED_TABLES.items():
        stem = RESOLVED_FILES.get(name, name)
        assert dict(table(resolved, stem).schema) == columns, name


def test_firm_attributes_come_from_the_register(resolved):
    firm = table(resolved, "organization").filter(pl.col("uscc") == A).row(0, named=True)
    assert (firm["name"], firm["level"], firm["legal_rep"]) == (
        "苏州宏润环保科技有限公司",
        "L1",
        "王强",
    )
    assert firm["lon"] == 120.60001


def test_persons(resolved):
    by_phone = entity(resolved, "manifest", 1, "person", "driver")
    assert by_phone == entity(resolved, "driver_permit", 1, "person", "driver")
    by_employer = entity(resolved, "manifest", 2, "person", "driver")
    assert by_employer not in (None, by_phone)
    assert entity(resolved, "manifest", 3, "person", "driver") is None
    seller = entity(resolved, "invoice", 1, "person", "seller")
    assert seller == entity(resolved, "company", 1, "person", "legal_rep")
    assert entity(resolved, "invoice", 1, "organization", "seller") is None
    samplers = table(resolved, "member").filter(pl.col("role") == "sampler")
    assert samplers["entity_id"].n_unique() == 2
    assert table(resolved, "person")["id_masked"].drop_nulls().str.contains(r"\*{8}").all()


def test_vehicles(resolved):
    known = entity(resolved, "vehicle", 1, "vehicle", "vehicle")
    assert entity(resolved, "checkpoint_pass", 1, "vehicle", "vehicle") == known
    assert entity(resolved, "checkpoint_pass", 2, "vehicle", "vehicle") is None
    assert entity(resolved, "checkpoint_pass", 3, "vehicle", "vehicle") not in (None, known)


def test_sites_phones_outlets(resolved):
    plant = entity(resolved, "enterprise", 1, "site", "site")
    assert entity(resolved, "permit", 1, "site", "site") == plant
    assert entity(resolved, "permit", 2, "site", "site") != plant
    assert table(resolved, "phone").filter(pl.col("number") == "051266668888").height == 1
    outlet = table(resolved, "outlet")
    assert outlet["mns"].to_list() == [["M1", "M2"]]
    assert outlet["site_id"][0] is not None


def test_relations_cite_rows(resolved):
    relation = table(resolved, "relation")
    kinds = set(relation["type"].to_list())
    assert kinds >= {"LEGAL_REP_OF", "SHAREHOLDER_OF", "EMPLOYED_BY", "HAS_PHONE", "LOCATED_AT",
                     "HAS_SITE", "HAS_OUTLET", "OWNS_VEHICLE", "OPERATES"}  # fmt: skip
    share = relation.filter(pl.col("type") == "SHAREHOLDER_OF").row(0, named=True)
    assert '"pct":60.0' in share["properties"]
    assert share["sources"] == [f"shareholder:{'b' * 64}:1:1"]


def content(workspace):
    folder = workspace.derived("resolve")
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def test_same_input_same_bytes_in_two_workspaces_and_on_a_second_run(resolved, tmp_path):
    first, _ = run(ROWS, tmp_path)
    assert content(first) == content(resolved)
    again, _ = run(ROWS, tmp_path)
    assert content(again) == content(resolved)


UNCODED = {"name": "苏州天成化工有限公司", "division_code": "320505"}
TWO = {"enterprise": [UNCODED, {"name": "南通金桥运输有限公司", "uscc": B}]}


def test_ids_survive_an_earlier_row_and_a_code_learned_later(tmp_path):
    workspace, _ = run({"enterprise": [UNCODED]}, tmp_path)
    before = entity(workspace, "enterprise", 1, "organization", "enterprise")
    rows = [
        {"batch": "a" * 64, "row": 1, "uscc": A, **UNCODED},
        {"batch": "b" * 64, "row": 1, **UNCODED},
    ]
    run({"enterprise": rows}, tmp_path)
    ids = table(workspace, "organization")["entity_id"].to_list()
    assert ids == [before]


def test_a_merge_leaves_an_alias_and_a_split_keeps_the_id_with_the_code(tmp_path):
    old = {"name": "苏州启明化工有限公司", "division_code": "320505"}
    new = {"name": "苏州天成新材料有限公司", "division_code": "320505", "uscc": A}
    workspace, _ = run({"enterprise": [old, new]}, tmp_path)
    apart = [entity(workspace, "enterprise", n, "organization", "enterprise") for n in (1, 2)]
    renamed = {"company": [{"uscc": A, "name": new["name"], "former_names": old["name"]}]}
    run({"enterprise": [old, new], **renamed}, tmp_path)
    ids = [entity(workspace, "enterprise", n, "organization", "enterprise") for n in (1, 2)]
    assert ids == [apart[1]] * 2
    aliases = dict(table(workspace, "entity_alias").iter_rows())
    assert aliases[apart[0]] == apart[1]
    run({"enterprise": [old, new]}, tmp_path)
    split = [entity(workspace, "enterprise", n, "organization", "enterprise") for n in (1, 2)]
    assert split[1] == apart[1]
    assert split[0] not in apart
    assert Registry(workspace).aliases()[apart[0]] == apart[1]


@pytest.mark.parametrize("step", ["kind_table", "write_relations", "put_in_place"])
def test_a_stop_at_any_step_leaves_the_old_state(step, tmp_path, monkeypatch):
    workspace, _ = run({"enterprise": [UNCODED]}, tmp_path)
    tables, known = content(workspace), Registry(workspace).rows()

    def stop(*_args, **_kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(stage, step, stop)
        with pytest.raises(KeyboardInterrupt):
            run(TWO, tmp_path)
    assert content(workspace) == tables
    assert Registry(workspace).rows() == known
    run(TWO, tmp_path)
    assert table(workspace, "organization").height == 2


def test_options_and_judgements_change_the_fingerprint(tmp_path):
    workspace = Workspace(tmp_path)
    first = ResolveOptions().fingerprint(workspace)
    assert first == ResolveOptions().fingerprint(workspace)
    assert first != ResolveOptions(threshold_bits=3.0).fingerprint(workspace)
