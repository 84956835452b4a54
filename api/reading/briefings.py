"""Papers and pictures of a lead, with personal data masked as the paper's rules ask."""

from dataclasses import dataclass
from datetime import datetime

from api.identity.caller import Caller
from api.reading.leads import read_file
from api.services import Services
from queries.errors import ParameterError
from records.clock import SHANGHAI
from viz.briefing.content import Briefing, build_briefing
from viz.briefing.docx_file import briefing_docx
from viz.briefing.html_page import briefing_html
from viz.figure import figure
from viz.network import network_html
from viz.picture import Picture, picture_of

MEDIA = {
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "network": "text/html; charset=utf-8",
    "svg": "image/svg+xml",
}
SUFFIX = {"html": "html", "docx": "docx", "network": "network.html", "svg": "svg"}


@dataclass(frozen=True, slots=True)
class Paper:
    """A document to save or to send."""

    filename: str
    media_type: str
    content: bytes


def lead_picture(services: Services, caller: Caller, lead_no: str) -> Picture:
    """The network of a lead.

    Raises
    ------
    NotFound, Forbidden
    """
    file = read_file(services, caller, lead_no)
    with services.sql() as sql:
        return picture_of(sql, file.finding)


def lead_briefing(services: Services, caller: Caller, lead_no: str) -> Briefing:
    """What the paper of a lead says, whatever its form.

    Raises
    ------
    NotFound, Forbidden
    """
    file = read_file(services, caller, lead_no)
    with services.sql() as sql:
        picture = picture_of(sql, file.finding)
    return build_briefing(
        file,
        picture,
        unit_name=services.settings.unit_name,
        on=datetime.now(SHANGHAI),
        recipient=caller.role.title_zh,
    )


def make_paper(services: Services, caller: Caller, lead_no: str, form: str) -> Paper:
    """One lead as a paper: ``html``, ``docx``, its interactive ``network`` or its figure ``svg``.

    Raises
    ------
    ParameterError
        When the form is not offered.
    NotFound, Forbidden
    """
    if form == "pdf":
        raise ParameterError("本版本尚不能生成 PDF；请用 html（可打印为 PDF）或 docx")
    if form not in MEDIA:
        raise ParameterError(f"没有格式 {form}；可用：html、docx、network、svg")
    match form:
        case "html":
            content = briefing_html(lead_briefing(services, caller, lead_no)).encode()
        case "docx":
            content = briefing_docx(lead_briefing(services, caller, lead_no))
        case "network":
            content = network_html(lead_picture(services, caller, lead_no)).encode()
        case _:
            content = figure(lead_picture(services, caller, lead_no))
    services.record(caller, "briefing", lead_no, form)
    return Paper(f"{lead_no.replace(':', '-')}.{SUFFIX[form]}", MEDIA[form], content)
