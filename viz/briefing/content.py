"""What a 线索专报 says, independent of its form: built once, written as HTML or DOCX."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics.registry import MODELS
from casework.evidence import EvidenceRow
from casework.lead import LeadFile
from graph.types import Finding
from records.law import LEGAL_GAP, load_references
from records.masking import mask_text
from viz.briefing.subject_rows import shown_name, subject_rows
from viz.figure import FEW_NODES
from viz.funnel import Funnel, funnel_of
from viz.grammar import KIND_ZH, amount_text
from viz.loop_words import OTHER, balance_of
from viz.model_words import INNOCENT_TEST, MODEL_WORDS, innocent_zh
from viz.picture import Picture
from viz.statistic_rows import statistic_rows
from viz.timeline_drawing import moment_kind_zh
from viz.words import (
    NOT_TESTED,
    RESULT_ZH,
    STATUS_ZH,
    evidence_role_text,
    grade_text,
    searched_text,
)

TITLE_WIDTH, FULL_TITLE = 18, 20
MOST_SUBJECTS = 12
MOST_MOMENTS = 6
TOLD_MOMENTS = 2
MOST_LINES = 12
MOST_BALANCES = 12
# They serve what is suspected, or are served: a summary counts the others.
ASIDE = ("carrier", "site")
REMINDER = 3
MOST_SEARCHED, MOST_CLEARING = 2, 1
CLASSIFICATION = "内部"
FIGURE = "三、关系图"
BALANCE_HEADING = (
    "单位", "废物代码", "接收", "转出", "留存", "台账处置", "库存变化", "无法解释",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a briefing; every row has as many cells as there are headings.

    ``has_figures``: cells after the first keep to the lines that they are given.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    has_figures: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, paragraphs, a table, notes under it; ``is_small`` for what is looked up only."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    table: Table | None = None
    notes: tuple[str, ...] = ()
    is_small: bool = False

    @property
    def has_figure(self) -> bool:
        """Whether the network figure stands here."""
        return self.heading == FIGURE


@dataclass(frozen=True, slots=True)
class Briefing:
    """A briefing: head, one-sentence summary, sections in the prescribed order, footer.

    ``funnel`` stands under the network where a finding rests on shares of sites.
    """

    unit_name: str
    lead_no: str
    classification: str
    dated: str
    title: str
    summary: str
    sections: tuple[Section, ...]
    picture: Picture
    footer: str
    funnel: Funnel | None = None

    @property
    def figure_width_mm(self) -> int:
        """Breadth of the figure on paper; few nodes need little."""
        return 88 if len(self.picture.nodes) <= FEW_NODES else 125

    def is_long(self, line: str) -> bool:
        """Whether a line of the title needs the size of the text to stand on one line."""
        return len(line) > FULL_TITLE

    @property
    def title_lines(self) -> tuple[str, ...]:
        """The title, broken before its bracket when it does not fit on one line."""
        head, mark, rest = self.title.partition("（")
        if len(self.title) <= TITLE_WIDTH or not rest:
            return (self.title,)
        return head, mark + rest


def _subjects(finding: Finding, picture: Picture) -> Section:
    listed = finding.subjects[:MOST_SUBJECTS]
    rows = subject_rows(listed, picture)
    left = len(finding.subjects) - len(listed)
    notes = (f"另有 {left} 个主体见线索页。",) if left else ()
    return Section("一、涉及主体", (), Table(("名称", "代码", "角色", "地市"), rows), notes)


def _story(finding: Finding, picture: Picture) -> Section:
    names = {node.id: node.name for node in picture.nodes}
    # Contracts of years ago tell less than what happened in the period of the finding.
    first = finding.window_from[:10]
    told = [m for m in picture.moments if f"{m.at:%Y-%m-%d}" >= first] or picture.moments
    rows = tuple(
        (
            f"{m.at:%Y-%m-%d}",
            moment_kind_zh(m.kind),
            names.get(m.source, "—"),
            names.get(m.target, "—"),
            amount_text(m.amount, m.unit) or "—",
        )
        for m in told[:MOST_MOMENTS]
    )
    left = len(picture.moments) - len(rows)
    notes = (f"以上为期间内前 {len(rows)} 项，另有 {left} 项见线索页。",) if left > 0 else ()
    # A reason that tells of one or two events needs no table that tells it again.
    is_told = len(picture.moments) <= TOLD_MOMENTS
    table = Table(("日期", "事项", "从", "到", "数量"), rows) if rows and not is_told else None
    return Section("二、疑似情况", (mask_text(finding.reason),), table, notes)


def _numbers(finding: Finding) -> Section:
    """The numbers, two beside each other.

    What decides nothing and what could not be tested stand on the lead page.
    """
    cells = [
        (row.name, row.value + ("" if row.n is None else f"（样本 {row.n}）"), row.threshold)
        for row in statistic_rows(finding).main
        if row.n != 0
    ]
    if not cells:
        return Section("四、依据的数值", ("该模型未给出数值。",), is_small=True)
    half = -(-len(cells) // 2)
    right = [*cells[half:], *[("", "", "")] * (2 * half - len(cells))]
    rows = tuple((*a, *b) for a, b in zip(cells[:half], right, strict=True))
    table = Table(("指标", "数值", "阈值") * 2, rows)
    return Section("四、依据的数值", (), table, is_small=True)


def _firms_between(finding: Finding) -> tuple[Section, ...]:
    """Numbers of the firms between, side by side; nothing where no finding tells of such."""
    parties = statistic_rows(finding).parties
    if parties is None:
        return ()
    table = Table(parties.headings, parties.rows)
    return (Section("中间单位逐项比对", (), table, is_small=True),)


def _balance(finding: Finding) -> tuple[Section, ...]:
    """The loop's codes and goods at each party; nothing where no balance was drawn up.

    A reminder keeps to its two pages without it; the lead page has the sheet.
    """
    rows = [row for row in balance_of(finding) if row.code != OTHER]
    if not rows or finding.grade >= REMINDER:
        return ()
    listed = tuple(row.paper_cells for row in rows[:MOST_BALANCES])
    left = len(rows) - len(listed)
    notes = (f"另有 {left} 行见线索页。",) if left else ()
    said = "单位：吨；括号内为其中属于闭环的数量。无法解释为留存减台账处置与库存变化。"
    table = Table(BALANCE_HEADING, listed, has_figures=True)
    return (Section("各单位物料平衡", (said,), table, notes, is_small=True),)


def _places(lines: Sequence[int]) -> str:
    """Line numbers, runs joined: 2–4、9."""
    runs: list[list[int]] = []
    for line in sorted(set(lines)):
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    shown = [f"{a}" if a == b else f"{a}–{b}" for a, b in runs[:MOST_LINES]]
    return "、".join(shown) + ("等" if len(runs) > MOST_LINES else "")


def _evidence(rows: Sequence[EvidenceRow]) -> Section:
    groups: dict[tuple[str, str, str], list[EvidenceRow]] = {}
    for row in rows:
        place = row.path.rsplit("/", 1)[-1] + (f"［{row.sheet}］" if row.sheet else "")
        groups.setdefault((row.dataset_zh, row.agency_zh, place), []).append(row)
    listed = tuple(
        (
            f"{dataset}（{agency}）",
            place or "—",
            _places([r.line or r.evidence.row for r in own]),
            _shows(own),
        )
        for (dataset, agency, place), own in groups.items()
    )
    corrected = sum(not row.is_current for row in rows)
    notes = []
    if corrected:
        notes.append(f"其中 {corrected} 行其后已被部门更正，此处按发现当时的内容列出。")
    table = Table(("数据（部门）", "原文件", "行", "证明事项"), listed) if listed else None
    heading = f"五、证据清单（共 {len(rows)} 行，原始内容见线索页）"
    return Section(heading, (), table, tuple(notes), is_small=True)


def _shows(rows: Sequence[EvidenceRow]) -> str:
    roles = list(dict.fromkeys(evidence_role_text(row.evidence.role) for row in rows))
    return "、".join(roles[:4]) + ("等" if len(roles) > 4 else "")


def _searched(finding: Finding) -> Section:
    texts = [mask_text(searched_text(text)) for text in finding.searched]
    if not texts:
        return Section("六、已检索而未发现", ("未记录检索未果的事项。",), is_small=True)
    shown = "；".join(texts[:MOST_SEARCHED])
    left = len(texts) - MOST_SEARCHED
    return Section(
        "六、已检索而未发现",
        (shown + (f"；另有 {left} 项见线索页。" if left > 0 else "。"),),
        is_small=True,
    )


def _innocent(finding: Finding, explanations: dict[str, str]) -> Section:
    rows = tuple(
        (
            explanations.get(check.code) or innocent_zh(check.code),
            RESULT_ZH[check.result] if check.tested else NOT_TESTED,
            INNOCENT_TEST.get(check.code, "由承办人核实"),
        )
        for check in finding.innocent
    )
    clears = "；".join(mask_text(text) for text in finding.would_clear[:MOST_CLEARING])
    if len(finding.would_clear) > MOST_CLEARING:
        clears += f"；另有 {len(finding.would_clear) - MOST_CLEARING} 类见线索页"
    return Section(
        "七、可能的正常解释",
        () if rows else ("该模型没有列出正常解释，请承办人自行考虑。",),
        Table(("解释", "检验结果", "如何核实"), rows) if rows else None,
        (f"可予澄清的材料：{clears}。",) if clears else (),
        is_small=True,
    )


def _law(finding: Finding) -> Section:
    references = load_references()
    cited = dict.fromkeys(references[r].citation for r in finding.legal_refs if r in references)
    lines = (f"如经查实，可能适用：{'、'.join(cited)}。",) if cited else ("没有列出条文。",)
    gap = (
        ("部分依据在行为日与研判日均无现行条文记载，请法制审核。",)
        if LEGAL_GAP in finding.legal_refs
        else ()
    )
    return Section("八、行为日与研判日有效的法律依据", lines + gap, is_small=True)


def _checks(finding: Finding, given: tuple[str, ...]) -> Section:
    known = MODEL_WORDS.get(finding.model)
    checks = given or (known.checks if known else ()) or ("由研判员补充核查建议。",)
    texts = "；".join(f"{number}. {text}" for number, text in enumerate(checks, 1))
    return Section("九、建议核查", (f"{texts}。",), is_small=True)


def _data(finding: Finding) -> Section:
    caps = tuple(f"级别限制：{cap.reason}。" for cap in finding.caps)
    facts = (
        f"数据截至 {finding.as_of}，{STATUS_ZH[finding.status]}；模型 {finding.model}"
        f" 第 {finding.model_version} 版。",
        f"发现编号 {finding.finding_id}。",
        _parameters(finding),
    )
    return Section("十、数据与参数", facts + caps, is_small=True)


def _parameters(finding: Finding) -> str:
    """Parameters that differ from the model's own; the page of the lead lists all of them."""
    model = next((m for m in MODELS if m.id == finding.model), None)
    usual = model.parameters() if model else {}
    own = [f"{k} = {v}" for k, v in sorted(finding.params.items()) if usual.get(k) != v]
    if own:
        return f"与模型缺省值不同的参数：{'；'.join(own)}；其余见线索页。"
    return f"{len(finding.params)} 项参数均取模型缺省值，见线索页。"


def build_briefing(
    file: LeadFile,
    picture: Picture,
    *,
    unit_name: str,
    on: datetime,
    checks: tuple[str, ...] = (),
    explanations: dict[str, str] | None = None,
    recipient: str = "",
) -> Briefing:
    """The briefing of a lead from its newest frozen copy.

    Parameters
    ----------
    on
        Shanghai time of writing, for the head of the paper.
    checks
        Checks for the field team; without them those of the model.
    explanations
        Chinese texts for codes of innocent explanations that differ from the usual ones.
    recipient
        Title of the role that the paper is made for.
    """
    finding = file.finding
    whose = f"接收人（{recipient}）" if recipient else "接收人"
    return Briefing(
        unit_name=unit_name,
        lead_no=file.lead.lead_no,
        classification=CLASSIFICATION,
        dated=f"{on.year}年{on.month}月{on.day}日",
        title=mask_text(finding.title),
        summary=_summary(finding),
        sections=(
            _subjects(finding, picture),
            _story(finding, picture),
            Section(FIGURE),
            _numbers(finding),
            *_firms_between(finding),
            *_balance(finding),
            _evidence(file.evidence),
            _searched(finding),
            _innocent(finding, explanations or {}),
            _law(finding),
            _checks(finding, checks),
            _data(finding),
        ),
        picture=picture,
        footer=(
            f"个人信息已按{whose}权限遮蔽；本件为线索，所述均系疑似，未经查实不得作为认定依据。"
        ),
        funnel=funnel_of(finding),
    )


def _summary(finding: Finding) -> str:
    firms = [
        mask_text(s.name)
        for s in finding.subjects
        if s.kind == "organization" and s.name and s.role not in ASIDE
    ]
    others = [shown_name(s) for s in finding.subjects if s.name]
    named = (firms or others)[:2]
    kinds = {s.kind for s in finding.subjects}
    word = KIND_ZH["organization"] if firms else KIND_ZH.get(next(iter(kinds), ""), "主体")
    more = f"等 {len(firms or others)} 个{word}" if len(firms or others) > len(named) else ""
    first, last = finding.window_from[:10], finding.window_to[:10]
    period = first if first == last else f"{first} 至 {last}"
    about = f"涉及{'、'.join(named)}{more}，" if named else ""
    title = mask_text(finding.title)
    return f"{period}，{title}，{about}评为{grade_text(finding.grade)}，建议核查。"
