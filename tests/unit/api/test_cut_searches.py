"""A search that was cut is told on the command line, in the API and in the console."""

import json
from pathlib import Path

from analytics.run import LEFT_OUT
from api.commands.stages import problems
from api.console.frame import _environment
from api.identity.caller import Caller
from api.identity.roles import ROLES
from api.jobs import StageReport
from api.reading.models import list_models
from api.services import Services
from api.settings import load_settings
from records.atomic import write_text

LINE = (
    "search cut: 2 organisations, 31 walks of further node sets, 4 node sets not counted to the end"
)
SAID = "检索达到上限：2 家单位、其余单位组合的 31 条走法、4 组未数尽"


def stage(**model: object) -> StageReport:
    return StageReport("detect", 0.0, False, 1, 0, {"models": [{"model": "HW-11", **model}]})


def test_the_command_line_tells_it_in_chinese() -> None:
    assert problems((stage(left_out=(LINE,)),)) == [f"模型 HW-11 未查全：{SAID}"]
    assert problems((stage(left_out=()),)) == []


def test_models_are_read_with_what_their_last_run_left_out(tmp_path: Path) -> None:
    services = Services.open(load_settings(tmp_path))
    told = json.dumps({"HW-11": [LINE]})
    write_text(told, services.workspace.derived("detect") / LEFT_OUT)
    models = list_models(services, Caller("li", ROLES["analyst"], "核查"))
    assert {m.id: m.left_out for m in models if m.left_out} == {"HW-11": (SAID,)}
    template = _environment().get_template("models.html")
    words = {name: {} for name in ("words", "directions", "states", "notices")}
    page = "".join(template.blocks["content"](template.new_context({"models": models, **words})))
    assert page.count("最近一次研判未查全") == 1
    assert f"最近一次研判未查全：{SAID}。" in page
