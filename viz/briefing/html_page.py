"""The briefing as one HTML page that prints on A4 and loads nothing from outside."""

from importlib.resources import files

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup

from viz.briefing.content import Briefing
from viz.figure import figure


def briefing_html(briefing: Briefing) -> str:
    """The page as text; the figure stands in it as inline SVG."""
    environment = Environment(
        loader=FileSystemLoader(str(files("viz") / "briefing" / "templates")),
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    svg = figure(briefing.picture, "svg", briefing.figure_width_mm / 25.4).decode("utf-8")
    svg = svg[svg.index("<svg") :]
    page = environment.get_template("briefing.html")
    # The drawing is made here from escaped text paths; it is no text from outside.
    return page.render(briefing=briefing, svg=Markup(svg))  # noqa: S704 - as said above
