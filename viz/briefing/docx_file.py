"""The briefing as DOCX laid out after GB/T 9704-2012 (margins, line grid, fonts, sizes)."""

import io
import zipfile
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from viz.briefing.content import Briefing, Section, Table
from viz.figure import figure
from viz.funnel import funnel_figure

BODY, HEAD, TITLE = "仿宋", "黑体", "方正小标宋简体"
LATIN = "Times New Roman"
LINE_PITCH_PT = 28.95
BODY_PT, TITLE_PT, SMALL_HEAD_PT, SMALL_PT, TABLE_PT = 16, 22, 11, 10, 9
RED = RGBColor(0xC8, 0x28, 0x1E)
TEXT_WIDTH_MM = 156
MM_PER_PT, CELL_MARGINS_MM, LEAST_MM = 25.4 / 72, 4.5, 18.0
# Office files carry dates; a fixed one keeps equal briefings equal to the byte.
FIXED = datetime(2000, 1, 1)


def briefing_docx(briefing: Briefing) -> bytes:
    """The document's bytes; margins 37/35/28/26 mm, 22 lines of 28 characters a page."""
    document = Document()
    _page(document)
    _head(document, briefing)
    for section in briefing.sections:
        _section(document, section, briefing)
    _page_footer(document.sections[0].footer, briefing)
    properties = document.core_properties
    properties.title = briefing.title
    properties.author = briefing.unit_name
    properties.created = properties.modified = FIXED
    buffer = io.BytesIO()
    document.save(buffer)
    return _without_clock(buffer.getvalue())


def _without_clock(content: bytes) -> bytes:
    """The same archive with one fixed time on all its parts."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written,
    ):
        for name in source.namelist():
            part = zipfile.ZipInfo(name, FIXED.timetuple()[:6])
            part.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(part, source.read(name))
    return target.getvalue()


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
    section.footer_distance = Mm(20)
    grid = OxmlElement("w:docGrid")
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(round(LINE_PITCH_PT * 20)))
    for old in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(old)
    section._sectPr.append(grid)
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


def _page_footer(footer: Any, briefing: Briefing) -> None:
    """What stands at the foot of every page, under its number."""
    paragraph = footer.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _font(paragraph.add_run(briefing.footer), BODY, TABLE_PT)


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
    for part in briefing.title_lines:
        run = title.add_run(part)
        _font(run, TITLE, BODY_PT if briefing.is_long(part) else TITLE_PT, bold=True)
        if part != briefing.title_lines[-1]:
            run.add_break()
    _paragraph(document, briefing.summary)


def _section(document: Any, section: Section, briefing: Briefing) -> None:
    if section.is_small:
        heading = _small(document, section.heading, SMALL_HEAD_PT, HEAD)
        heading.paragraph_format.space_before = Pt(3)
    else:
        heading = _paragraph(document, section.heading, font=HEAD, indent=True)
    heading.paragraph_format.keep_with_next = True
    if section is briefing.sections[-1]:
        _end(document, section)
        return
    for text in section.paragraphs:
        if section.is_small:
            _small(document, text, SMALL_PT)
        else:
            _paragraph(document, text)
    if section.has_figure:
        width_in = briefing.figure_width_mm / 25.4
        drawings = [figure(briefing.picture, "png", width_in)]
        if briefing.funnel:
            drawings.append(funnel_figure(briefing.funnel, "png", width_in))
        for drawing in drawings:
            holder = document.add_paragraph()
            holder.alignment = WD_ALIGN_PARAGRAPH.CENTER
            holder.paragraph_format.space_before = holder.paragraph_format.space_after = Pt(0)
            _off_grid(holder)
            holder.add_run().add_picture(io.BytesIO(drawing), width=Mm(briefing.figure_width_mm))
    if section.table and section.table.rows:
        _table(document, section.table)
    for text in section.notes:
        _small(document, text, SMALL_PT)


def _end(document: Any, section: Section) -> None:
    """The last section as one heading and one paragraph that no page end divides.

    Its facts stand in lines of that paragraph. As paragraphs of their own they would need a chain
    of "keep with next", of which LibreOffice keeps the last link only; as running text they are
    two lines, which may come to stand on a page alone.
    """
    facts = _small(document, "\n".join(section.paragraphs), SMALL_PT)
    form = facts.paragraph_format
    form.left_indent, form.first_line_indent = Pt(2 * SMALL_PT), Pt(0)
    facts._element.pPr.ind.set(qn("w:firstLineChars"), "0")
    form.keep_together = True


def _small(document: Any, text: str, size: float, font: str = BODY) -> Any:
    """A paragraph off the line grid of the body."""
    paragraph = _paragraph(document, text, font=font, size=size)
    paragraph.paragraph_format.line_spacing = Pt(size * 1.32)
    _off_grid(paragraph)
    return paragraph


def _off_grid(paragraph: Any) -> None:
    element = OxmlElement("w:snapToGrid")
    element.set(qn("w:val"), "0")
    properties = paragraph._element.get_or_add_pPr()
    # The schema fixes the order: before spacing, indent and alignment.
    followers = ("w:spacing", "w:ind", "w:jc", "w:rPr")
    place = next((c for c in properties if c.tag in {qn(name) for name in followers}), None)
    if place is None:
        properties.append(element)
    else:
        place.addprevious(element)


def _table(document: Any, table: Table) -> None:
    made = document.add_table(rows=1, cols=len(table.headings))
    made.style = "Table Grid"
    made.autofit = False
    for cell, heading in zip(made.rows[0].cells, table.headings, strict=True):
        _cell(cell, heading, HEAD)
    _row_property(made.rows[0], "w:tblHeader")
    for values in table.rows:
        row = made.add_row()
        _row_property(row, "w:cantSplit")
        for cell, value in zip(row.cells, values, strict=True):
            _cell(cell, value, BODY)
    widths = _widths(table)
    for column, width in zip(made.columns, widths, strict=True):
        column.width = Mm(width)
    for row in made.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)


def _widths(table: Table) -> list[float]:
    """Column widths in mm by the longest cell of each column, none below a tenth of the page.

    Where cells keep to their lines, the first column has what these leave, at least ``LEAST_MM``.
    """
    if table.has_figures:
        _, *others = zip(table.headings, *table.rows, strict=True)
        kept = [max(map(_line_mm, column)) for column in others]
        return [max(TEXT_WIDTH_MM - sum(kept), LEAST_MM), *kept]
    columns = zip(table.headings, *table.rows, strict=True)
    longest = [min(max(_breadth(cell) for cell in column), 26.0) for column in columns]
    raw = [max(size / sum(longest), 0.1) for size in longest]
    return [TEXT_WIDTH_MM * size / sum(raw) for size in raw]


def _breadth(text: str) -> float:
    """Breadth of a text in Chinese characters; Latin ones are about half as broad."""
    return sum(0.56 if ord(character) < 0x2000 else 1.0 for character in text) + 2.2


def _line_mm(text: str) -> float:
    """Breadth in mm of the longest line of a cell of the table font, the cell's margins with it."""
    longest = max(
        sum(0.52 if ord(character) < 0x2000 else 1.0 for character in line)
        for line in text.split("\n")
    )
    return longest * TABLE_PT * MM_PER_PT + CELL_MARGINS_MM


def _row_property(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _cell(cell: Any, text: str, font: str) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    paragraph.paragraph_format.line_spacing = Pt(TABLE_PT * 1.35)
    _off_grid(paragraph)
    # LibreOffice finds no place to break between numbers and would tear one.
    _font(paragraph.add_run(text.replace("、", "、\u200b")), font, TABLE_PT)
