"""A finding with a phone number in its reason, as an agency's remark may bring it in."""

from graph.types import Evidence, Finding, Statistic, Subject


def finding(finding_id: str, grade: int = 2) -> Finding:
    """A whole finding of that id and grade."""
    return Finding(
        finding_id=finding_id,
        model=finding_id.partition(":")[0],
        model_version="1",
        grade_raw=grade,
        grade=grade,
        caps=(),
        score=0.5,
        status="ok",
        as_of="2026-10-31",
        window_from="2026-10-02T08:00:00+08:00",
        window_to="2026-10-09T08:00:00+08:00",
        title="疑似危险废物非法转移闭环",
        reason="疑似闭环；备注中留有电话13912345678",
        subjects=(Subject("org:0000000000000001", "organization", "generator", "甲化工"),),
        quantities={"waste_t": 48.2},
        statistics=(Statistic("flow_ratio", 0.98, 0.7, "1", 3),),
        innocent=(),
        would_clear=(),
        evidence=(Evidence("manifest", "a" * 64, 1, 1, "01", "edge 1"),),
        searched=(),
        legal_refs=(),
        params={},
    )
