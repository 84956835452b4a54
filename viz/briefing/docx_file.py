"""The briefing as DOCX laid out after GB/T 9704-2012 (margins, line grid, fonts, sizes)."""

import io
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches, Mm, Pt, RGBColor

from viz.briefing.content import Briefing, Section, Table
from viz.figure import figure

BODY, HEAD, TITLE = "仿宋", "黑体", "方正小标宋简体"
LATIN = "Times New Roman"
LINE_PITCH_PT = 28.95
BODY_PT, TITLE_PT, TABLE_PT = 16, 22, 10.5
RED = RGBColor(0xC8, 0x28, 0x1E)
TEXT_WIDTH_MM = 156
# Office files carry dates; a fixed one keeps equal briefings equal to the byte.
FIXED = datetime(2000, 1, 1)


def briefing_docx(briefing: Briefing) -> bytes:
    """The document's bytes; margins 37/35/28/26 mm, 22 lines of 28 characters a page."""
    document = Document()
    _page(document)
    _head(document, briefing)
    for section in briefing.sections:
        _section(document, section, briefing)
    _paragraph(document, briefing.footer, size=TABLE_PT, indent=False)
    properties = document.core_properties
    properties.title = briefing.title
    properties.author = briefing.unit_name
    properties.created = properties.modified = FIXED
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _font(run: Any, name: str, size: float, *, bold: bool = False) -> None:
    run.font.name = LATIN
    run.font.size = Pt(size)
    run.font.bold = bold
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(28)
    normal = document.styles["Normal"]
    normal.font.name = LATIN
    normal.font.size = Pt(BODY_PT)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), BODY)
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text in ("— ", None, " —"):
        run = paragraph.add_run(text or "")
        _font(run, BODY, 14)
        if text is None:
            _page_number(run)


def _page_number(run: Any) -> None:
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        element = OxmlElement("w:instrText" if text else "w:fldChar")
        if text:
            element.text = text
        else:
            element.set(qn("w:fldCharType"), kind)
        run._element.append(element)


def _spacing(paragraph: Any) -> None:
    spacing = paragraph.paragraph_format
    spacing.space_before = spacing.space_after = Pt(0)
    spacing.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    spacing.line_spacing = Pt(LINE_PITCH_PT)


def _paragraph(
    document: Any, text: str, *, font: str = BODY, size: float = BODY_PT, indent: bool = True
) -> Any:
    paragraph = document.add_paragraph()
    _spacing(paragraph)
    if indent:
        # Word takes the width in characters, other programs the one in points: both are set.
        paragraph.paragraph_format.first_line_indent = Pt(2 * size)
        element = paragraph._element.get_or_add_pPr().get_or_add_ind()
        element.set(qn("w:firstLineChars"), "200")
    _font(paragraph.add_run(text), font, size)
    return paragraph


def _head(document: Any, briefing: Briefing) -> None:
    red = document.add_paragraph()
    red.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = red.add_run(briefing.unit_name)
    _font(run, TITLE, 26, bold=True)
    run.font.color.rgb = RED
    line = _paragraph(
        document,
        f"线索专报　{briefing.lead_no}　　{briefing.classification}　　{briefing.dated}",
        size=14,
        indent=False,
    )
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    border = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for key, value in (("val", "single"), ("sz", "16"), ("space", "4"), ("color", "C8281E")):
        bottom.set(qn(f"w:{key}"), value)
    border.append(bottom)
    line._element.get_or_add_pPr().append(border)
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.space_before = Pt(14)
    title.paragraph_format.space_after = Pt(8)
    _font(title.add_run(briefing.title), TITLE, TITLE_PT, bold=True)
    _paragraph(document, briefing.summary)


def _section(document: Any, section: Section, briefing: Briefing) -> None:
    heading = _paragraph(document, section.heading, font=HEAD, indent=True)
    heading.paragraph_format.keep_with_next = True
    for text in section.paragraphs:
        _paragraph(document, text)
    if section.heading == "三、关系图":
        holder = document.add_paragraph()
        holder.alignment = WD_ALIGN_PARAGRAPH.CENTER
        picture = io.BytesIO(figure(briefing.picture, "png"))
        holder.add_run().add_picture(picture, width=Inches(TEXT_WIDTH_MM / 25.4))
    if section.table and section.table.rows:
        _table(document, section.table)


def _table(document: Any, table: Table) -> None:
    made = document.add_table(rows=1, cols=len(table.headings))
    made.style = "Table Grid"
    for cell, heading in zip(made.rows[0].cells, table.headings, strict=True):
        _cell(cell, heading, HEAD)
    _row_property(made.rows[0], "w:tblHeader")
    for values in table.rows:
        row = made.add_row()
        _row_property(row, "w:cantSplit")
        for cell, value in zip(row.cells, values, strict=True):
            _cell(cell, value, BODY)
    widths = _widths(table)
    for row in made.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)


def _widths(table: Table) -> list[float]:
    """Column widths in mm by the longest cell of each column, none below a tenth of the page."""
    columns = zip(table.headings, *table.rows, strict=True)
    longest = [min(max(len(cell) for cell in column), 40) for column in columns]
    raw = [max(size / sum(longest), 0.1) for size in longest]
    return [TEXT_WIDTH_MM * size / sum(raw) for size in raw]


def _row_property(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _cell(cell: Any, text: str, font: str) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    _font(paragraph.add_run(text), font, TABLE_PT)
