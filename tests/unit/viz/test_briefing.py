"""The briefing: order, masking, equal bytes, the layout of official papers."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import datetime

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm

from graph.types import Subject
from tests.unit.viz.findings import (
    ID_NUMBER,
    PHONE,
    evidence_row,
    lead_file,
    loop,
    personal,
)
from viz.briefing.content import Briefing, _places, build_briefing
from viz.briefing.docx_file import briefing_docx
from viz.briefing.html_page import briefing_html
from viz.picture import picture_of
from viz.words import number_text

ON = datetime(2026, 11, 2, 8, 30)
HEADINGS = [
    "一、涉及主体",
    "二、疑似情况",
    "三、关系图",
    "四、依据的数值",
    "各单位物料平衡",
    "五、证据清单（共 3 行，原始内容见线索页）",
    "六、已检索而未发现",
    "七、可能的正常解释",
    "八、行为日与研判日有效的法律依据",
    "九、建议核查",
    "十、数据与参数",
]


@pytest.fixture(scope="module")
def briefing() -> Briefing:
    sql, finding = loop()
    rows = (evidence_row(2), evidence_row(3), evidence_row(9, "edge 2"))
    return build_briefing(
        lead_file(personal(finding), rows),
        picture_of(sql, finding),
        unit_name="某市联合值班中心",
        on=ON,
        recipient="分管领导",
    )


def words(briefing: Briefing) -> str:
    parts = [briefing.title, briefing.summary, briefing.footer]
    for section in briefing.sections:
        parts += [section.heading, *section.paragraphs, *section.notes]
        if section.table:
            parts += [cell for row in section.table.rows for cell in row]
    return "\n".join(parts)


def test_sections_stand_in_the_prescribed_order(briefing: Briefing) -> None:
    assert [s.heading for s in briefing.sections] == HEADINGS
    assert briefing.dated == "2026年11月2日"
    assert briefing.title.startswith("疑似")
    assert "建议核查" in briefing.summary


def test_personal_values_are_masked_and_the_footer_says_for_whom(briefing: Briefing) -> None:
    for text in (words(briefing), briefing_html(briefing)):
        assert ID_NUMBER not in text
        assert PHONE not in text
    assert "分管领导" in briefing.footer
    assert "疑似" in briefing.footer


def test_a_paper_speaks_chinese(briefing: Briefing) -> None:
    text = words(briefing)
    left = set(re.findall(r"[A-Za-z_]{4,}", text)) - {"USCC"}
    assert not {word for word in left if word.islower()}, left


def test_numbers_are_those_of_the_console(briefing: Briefing) -> None:
    (section,) = [s for s in briefing.sections if s.heading.startswith("四")]
    assert section.table is not None
    cells = [cell for row in section.table.rows for cell in row]
    assert number_text(48.23456, "t") + "（样本 3）" in cells
    assert number_text(3.0, "t") in cells


def test_lines_of_a_file_are_joined_to_runs() -> None:
    assert _places([9, 3, 2, 4]) == "2–4、9"
    assert _places([1]) == "1"
    assert _places(range(1, 60, 2)).endswith("等")


def test_equal_briefings_give_equal_bytes(briefing: Briefing) -> None:
    assert briefing_docx(briefing) == briefing_docx(briefing)
    assert briefing_html(briefing) == briefing_html(briefing)
    with zipfile.ZipFile(io.BytesIO(briefing_docx(briefing))) as archive:
        assert {part.date_time for part in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}


def test_the_page_fetches_nothing(briefing: Briefing) -> None:
    page = briefing_html(briefing)
    assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", page)
    assert not re.search(r"<(?:script|link|iframe)\b", page)
    assert "@page { size: A4; margin: 37mm 26mm 35mm 28mm" in page


def test_the_document_keeps_the_official_layout(briefing: Briefing) -> None:
    document = Document(io.BytesIO(briefing_docx(briefing)))
    section = document.sections[0]
    margins = (
        section.top_margin, section.bottom_margin, section.left_margin, section.right_margin
    )  # fmt: skip
    assert [round(m / Mm(1)) for m in margins if m is not None] == [37, 35, 28, 26]
    runs = [
        run
        for paragraph in document.paragraphs
        for run in paragraph.runs
        if run.text and not run._element.findall(qn("w:drawing"))
    ]
    runs += [
        run
        for table in document.tables
        for row in table.rows
        for cell in row.cells
        for paragraph in cell.paragraphs
        for run in paragraph.runs
    ]
    fonts = {run._element.rPr.rFonts.get(qn("w:eastAsia")) for run in runs}
    assert fonts == {"仿宋", "黑体", "方正小标宋简体"}


def test_no_row_is_split_and_no_heading_is_left_alone(briefing: Briefing) -> None:
    document = Document(io.BytesIO(briefing_docx(briefing)))
    assert document.tables
    for table in document.tables:
        head, *rows = table.rows
        assert head._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in rows)
    headings = [p for p in document.paragraphs if p.text in HEADINGS]
    assert len(headings) == len(HEADINGS)
    assert all(p.paragraph_format.keep_with_next for p in headings)


def test_the_last_page_never_holds_two_lines_alone(briefing: Briefing) -> None:
    document = Document(io.BytesIO(briefing_docx(briefing)))
    heading, facts = document.paragraphs[-2:]
    assert heading.text == HEADINGS[-1]
    assert heading.paragraph_format.keep_with_next
    assert facts.paragraph_format.keep_together
    assert facts.text.count("\n") >= 2
    # A heading before it must not be bound to it over more than one paragraph.
    assert not document.paragraphs[-3].paragraph_format.keep_with_next


def test_every_page_has_its_number(briefing: Briefing) -> None:
    document = Document(io.BytesIO(briefing_docx(briefing)))
    footer = document.sections[0].footer._element.xml
    assert "PAGE" in footer
    assert briefing.footer in footer


def test_the_summary_counts_the_parties_and_not_their_carriers() -> None:
    sql, finding = loop()
    carriers = tuple(Subject(f"org:k{n}", "organization", "carrier", f"k{n}") for n in range(4))
    given = replace(finding, subjects=(*finding.subjects, *carriers))
    made = build_briefing(
        lead_file(given), picture_of(sql, given), unit_name="某市联合值班中心", on=ON
    )
    assert "等 3 个单位" in made.summary


def test_what_happened_in_the_period_is_told_first() -> None:
    sql, finding = loop()
    picture = picture_of(sql, finding)
    old = [
        replace(picture.moments[0], at=datetime(2020, 1, day), kind="operation", is_day=True)
        for day in range(1, 9)
    ]
    made = build_briefing(
        lead_file(finding), replace(picture, moments=(*old, *picture.moments)),
        unit_name="某市联合值班中心", on=ON,
    )  # fmt: skip
    (section,) = [s for s in made.sections if s.heading.startswith("二")]
    assert section.table is not None
    assert {row[0][:4] for row in section.table.rows} == {"2026"}


def test_a_long_line_of_the_title_is_set_smaller(briefing: Briefing) -> None:
    long = replace(briefing, title="疑似闭环（某某(常州)再生资源利用有限公司等5家单位，30.0吨）")
    assert [long.is_long(line) for line in long.title_lines] == [False, True]
    document = Document(io.BytesIO(briefing_docx(long)))
    sizes = {
        run.text.strip(): run.font.size.pt
        for paragraph in document.paragraphs
        for run in paragraph.runs
        if run.font.size is not None
    }
    assert [sizes[line] for line in long.title_lines] == [22, 16]
    assert f'<span class="long">{long.title_lines[1]}</span>' in briefing_html(long)
