"""Findings and pictures for the tests of viz, made by hand or by HW-11 on a small lake."""

from dataclasses import replace
from datetime import date, datetime

import duckdb

from analytics.model import Draft
from analytics.models.hw_11 import Params, detect
from casework.evidence import EvidenceRow
from casework.lead import Lead, LeadFile
from graph.types import Evidence, Finding, InnocentCheck, Statistic, Subject
from records.clock import shanghai_iso
from tests.unit.analytics.loop_lake import AS_OF, Lake, org
from tests.unit.analytics.tables import make_inputs
from viz.picture import Picture, PictureEdge, PictureNode

PHONE = "13951780001"
ID_NUMBER = "320402198005124517"


def finding_of(draft: Draft, model: str = "HW-11", as_of: date = AS_OF) -> Finding:
    return Finding(
        finding_id=f"{model}:0123456789012345",
        model=model,
        model_version="1",
        grade_raw=draft.grade,
        grade=draft.grade,
        caps=draft.caps,
        score=draft.score,
        status="ok",
        as_of=as_of.isoformat(),
        window_from=shanghai_iso(draft.started_at),
        window_to=shanghai_iso(draft.ended_at),
        title=draft.title,
        reason=draft.reason,
        subjects=draft.subjects,
        quantities=draft.quantities,
        statistics=draft.statistics,
        innocent=draft.innocent,
        would_clear=draft.would_clear,
        evidence=draft.evidence,
        searched=draft.searched,
        legal_refs=("CODE-534",),
        params={},
    )


def loop_lake() -> Lake:
    """Three firms in a ring that two of them tie by a phone, a person of one firm only."""
    lake = Lake().ring("abc", tonnes=20.0).ring("abc", 20, tonnes=20.0)
    lake.sell("ab", 1.0, "*废料*污泥", 20.0)
    lake.add("entity_phone", entity_id="phone:1", name=PHONE, level="L4", number=PHONE)
    lake.add("entity_person", entity_id="person:1", name="周立群", level="L1")
    for firm in "ab":
        lake.add(
            "relation", from_id=org(firm), type="HAS_PHONE", to_id="phone:1", properties="{}",
            sources=[], source_count=1,
        )  # fmt: skip
    lake.add(
        "relation", from_id="person:1", type="LEGAL_REP_OF", to_id=org("a"), properties="{}",
        sources=[], source_count=1,
    )  # fmt: skip
    return lake


def loop() -> tuple[duckdb.DuckDBPyConnection, Finding]:
    """Views and the finding of :func:`loop_lake`."""
    inputs = make_inputs(loop_lake().tables, AS_OF)
    (draft,) = detect(inputs, Params())
    return inputs.sql, finding_of(draft)


def drawn(layout: str, nodes: dict[str, str], edges: list[tuple[str, str, int]]) -> Picture:
    """A picture of ``nodes`` (name to role) and manifests (from, to, day of May)."""
    return Picture(
        title="疑似测试（3家单位）",
        period="2026-05-01 至 2026-05-31",
        layout=layout,
        nodes=tuple(
            PictureNode(n, "site" if role == "site" else "organization", f"{n}公司", role)
            for n, role in nodes.items()
        ),
        edges=tuple(
            PictureEdge(a, b, "manifest", datetime(2026, 5, day), 10.0 * day, "吨", price=900.0)
            for a, b, day in edges
        ),
        source="HW-11 第 1 版，数据截至 2026-05-31",
        is_severe=True,
    )


def lead_file(finding: Finding, rows: tuple[EvidenceRow, ...] = ()) -> LeadFile:
    lead = Lead(
        lead_no="XS2026000001",
        finding_id=finding.finding_id,
        model=finding.model,
        grade=finding.grade,
        state="SCORED",
        title=finding.title,
        division_code="320115",
        window_to=finding.window_to,
        score=finding.score,
        opened_on=finding.as_of,
        owner=None,
        is_corrected=False,
    )
    return LeadFile(lead, finding, rows, ())


def evidence_row(line: int, role: str = "edge 1") -> EvidenceRow:
    return EvidenceRow(
        evidence=Evidence("manifest", "b" * 64, line - 1, 1, f"2026320100{line:04d}", role),
        dataset_zh="危险废物转移联单",
        agency="ecology",
        path="manifest/202605_联单.csv",
        sheet=None,
        line=line,
        cells={"驾驶员身份证号": ID_NUMBER},
        is_current=True,
    )


def personal(finding: Finding) -> Finding:
    """The finding with personal values where models must not but might put them."""
    return replace(
        finding,
        reason=f"驾驶员（{ID_NUMBER}，电话{PHONE}）多次承运。",
        searched=(f"phone_contact {PHONE}: none",),
        statistics=(
            *finding.statistics,
            Statistic("waste_t", 48.23456, 3.0, "t", 3),
        ),
        innocent=(InnocentCheck("returned_packaging", False, "unknown"),),
        subjects=(*finding.subjects, Subject("phone:1", "phone", "", PHONE, {"number": PHONE})),
    )
