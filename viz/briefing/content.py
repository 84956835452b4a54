"""What a 线索专报 says, independent of its form: built once, written as HTML or DOCX."""

from dataclasses import dataclass
from datetime import datetime

from casework.evidence import EvidenceRow
from casework.leads import LeadFile
from graph.types import Finding
from records.law import LEGAL_GAP, load_references
from records.masking import mask_cells, mask_text
from viz.grammar import KIND_ZH, role_zh
from viz.picture import Picture

GRADE_ZH = {1: "一级（工单）", 2: "二级（警告）", 3: "三级（提醒）"}
STATUS_ZH = {"ok": "数据质量通过", "data_issue": "数据质量未通过，暂不升级"}
RESULT_ZH = {"ruled_out": "已排除", "holds": "成立", "unknown": "未能判定"}
NOT_TESTED = "尚未检验"
UNIT_ZH = {
    "1": "",
    "t": "吨",
    "h": "小时",
    "d": "天",
    "yuan": "元",
    "km": "公里",
    "%": "%",
    "yuan/t": "元/吨",
}
IDS_ZH = {
    "uscc": "统一社会信用代码",
    "plate": "车牌",
    "permit_no": "许可证编号",
    "licence_no": "许可证编号",
    "manifest_no": "联单编号",
    "outlet_code": "排放口编号",
    "mn": "MN号",
    "cert_no": "证书号",
}
MAX_EVIDENCE_ROWS = 40


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a briefing; every row has as many cells as there are headings."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with paragraphs and at most one table."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Briefing:
    """A briefing: head, one-sentence summary, sections in the prescribed order, footer."""

    unit_name: str
    lead_no: str
    classification: str
    dated: str
    title: str
    summary: str
    sections: tuple[Section, ...]
    picture: Picture
    footer: str


def number_text(value: float, unit: str = "") -> str:
    """A number as people read it, with a Chinese unit where there is one."""
    if unit == "yuan" and abs(value) >= 10000:
        return f"{value / 10000:.2f} 万元"
    text = f"{value:.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:.4g}"
    shown = UNIT_ZH.get(unit, unit)
    return f"{text} {shown}".strip()


def _division(code: str | None, divisions: dict[str, str]) -> str:
    return divisions.get(code or "", "—") if code else "—"


def _subjects(finding: Finding) -> Section:
    rows = []
    for subject in finding.subjects:
        ids = "；".join(
            f"{IDS_ZH.get(key, key)} {mask_text(value)}"
            for key, value in sorted(subject.ids.items())
            if value
        )
        kind = KIND_ZH.get(subject.kind, subject.kind)
        rows.append((subject.name or "—", role_zh(subject.role), kind, ids or "—"))
    return Section("一、涉及主体", table=Table(("名称", "角色", "类别", "标识"), tuple(rows)))


def _numbers(finding: Finding) -> Section:
    rows = tuple(
        (
            s.name,
            number_text(s.value, s.unit),
            "—" if s.threshold is None else number_text(s.threshold, s.unit),
            "—" if s.n is None else str(s.n),
        )
        for s in finding.statistics
    )
    return Section(
        "二、疑似情况",
        (mask_text(finding.reason),),
        Table(("指标", "数值", "阈值", "样本数"), rows) if rows else None,
    )


def _event_cells(row: EvidenceRow) -> str:
    cells = mask_cells(row.evidence.dataset, row.cells)
    shown = [f"{heading}：{value}" for heading, value in cells.items() if value]
    return "；".join(shown[:8])


def _evidence(rows: tuple[EvidenceRow, ...]) -> Section:
    listed = tuple(
        (
            row.evidence.role or "证据",
            f"{row.dataset_zh}（{row.agency_zh}）",
            f"{row.path.rsplit('/', 1)[-1]} 第{row.line or row.evidence.row}行",
            _event_cells(row),
        )
        for row in rows[:MAX_EVIDENCE_ROWS]
    )
    left = len(rows) - len(listed)
    notes = (f"另有 {left} 行证据见线索页。",) if left > 0 else ()
    return Section(
        "四、证据清单", notes, Table(("证明事项", "来源", "原文件与行", "原始内容（节录）"), listed)
    )


def _innocent(finding: Finding, explanations: dict[str, str]) -> Section:
    rows = tuple(
        (
            explanations.get(check.code, check.code),
            RESULT_ZH[check.result] if check.tested else NOT_TESTED,
        )
        for check in finding.innocent
    )
    clears = tuple(f"可予澄清的材料：{text}" for text in finding.would_clear)
    return Section(
        "六、可能的正常解释",
        clears,
        Table(("解释", "检验结果"), rows) if rows else None,
    )


def _law(finding: Finding) -> Section:
    references = load_references()
    lines = tuple(
        f"{references[ref].citation}（如经查实，可能适用）"
        for ref in finding.legal_refs
        if ref in references
    )
    gap = (
        ("部分依据在行为日与研判日均无现行条文记载，请法制审核。",)
        if LEGAL_GAP in finding.legal_refs
        else ()
    )
    return Section("七、行为日与研判日有效的法律依据", lines + gap)


def _data(finding: Finding) -> Section:
    caps = tuple(f"级别限制：{cap.reason}" for cap in finding.caps)
    parameters = "；".join(f"{name} = {value}" for name, value in sorted(finding.params.items()))
    return Section(
        "九、数据与参数",
        (
            f"数据截至 {finding.as_of}；模型 {finding.model} 第 {finding.model_version} 版；"
            f"{STATUS_ZH[finding.status]}。",
            *caps,
            f"参数：{parameters}。",
        ),
    )


def build_briefing(
    file: LeadFile,
    picture: Picture,
    *,
    unit_name: str,
    checks: tuple[str, ...],
    explanations: dict[str, str],
    on: datetime,
) -> Briefing:
    """The briefing of a lead from its newest frozen copy.

    Parameters
    ----------
    checks
        Suggested checks of the model for the field team.
    explanations
        Chinese text for each code of an innocent explanation.
    on
        Shanghai time of writing, for the head of the paper.
    """
    finding = file.finding
    searched = finding.searched or ("未记录检索未果的事项。",)
    sections = (
        _subjects(finding),
        _numbers(finding),
        Section("三、关系图"),
        _evidence(file.evidence),
        Section("五、已检索而未发现", tuple(mask_text(text) for text in searched)),
        _innocent(finding, explanations),
        _law(finding),
        Section("八、建议核查", checks or ("由研判员补充核查建议。",)),
        _data(finding),
    )
    return Briefing(
        unit_name=unit_name,
        lead_no=file.lead.lead_no,
        classification="内部",
        dated=f"{on.year}年{on.month}月{on.day}日",
        title=finding.title,
        summary=_summary(finding),
        sections=sections,
        picture=picture,
        footer="个人信息已按接收人权限遮蔽；本件为线索，所述均系疑似，未经查实不得作为认定依据。",
    )


def _summary(finding: Finding) -> str:
    names = "、".join(s.name for s in finding.subjects if s.kind == "organization" and s.name)
    first, last = finding.window_from[:10], finding.window_to[:10]
    period = first if first == last else f"{first}至{last}"
    return f"{period}，{names or '有关主体'}{GRADE_ZH[finding.grade]}：{finding.title}，建议核查。"
