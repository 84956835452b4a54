"""The briefing as one HTML page that prints on A4 and loads nothing from outside."""

from importlib.resources import files

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup

from viz.briefing.content import Briefing
from viz.figure import figure
from viz.funnel import funnel_figure


def briefing_html(briefing: Briefing) -> str:
    """The page as text; the figure stands in it as inline SVG."""
    environment = Environment(
        loader=FileSystemLoader(str(files("viz") / "briefing" / "templates")),
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    width_in = briefing.figure_width_mm / 25.4
    svg = _inline(figure(briefing.picture, "svg", width_in))
    funnel = _inline(funnel_figure(briefing.funnel, "svg", width_in)) if briefing.funnel else ""
    page = environment.get_template("briefing.html")
    # The drawings are made here from escaped text paths; they are no text from outside.
    drawings = {"svg": Markup(svg), "funnel": Markup(funnel)}  # noqa: S704 - drawn here from escaped text
    return page.render(briefing=briefing, **drawings)


def _inline(svg: bytes) -> str:
    """The drawing without what stands before its root element."""
    text = svg.decode("utf-8")
    return text[text.index("<svg") :]
