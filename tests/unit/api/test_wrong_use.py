"""Wrong use of the command line: exit 2, and one line that is Chinese throughout."""

import json

import pytest

from api.cli import run
from api.wrong_use import in_chinese

WRONG: dict[tuple[str, ...], str] = {
    ("nonsense",): "没有命令 nonsense",
    ("findin",): "没有命令 findin，是否要用 findings",
    ("entty",): "没有命令 entty，是否要用 entity",
    ("leads",): "缺少子命令",
    ("leads", "sho"): "没有命令 sho，是否要用 show",
    ("run", "--nonsense"): "没有选项 --nonsense",
    ("run", "--as-off", "x"): "没有选项 --as-off，是否要用 --as-of",
    ("run", "-q"): "没有选项 -q",
    ("run", "--workspace"): "选项 --workspace 后面缺少值",
    ("findings", "--quiet=1"): "选项 --quiet 不带值",
    ("why",): "缺少参数 a",
    ("users", "set", "li"): "缺少选项 --role",
    ("explain", "a", "b", "c"): "多余的参数：b c",
    ("findings", "--grade", "9"): "--grade 的值有误：不能大于 3",
    ("query", "x", "--limit", "0"): "--limit 的值有误：不能小于 1",
    ("serve", "--port", "x"): "--port 的值有误：应为整数",
    ("run", "--as-of", "昨天"): "--as-of 的值有误：“昨天”不是日期，应写成 2026-10-31 的样子",
    ("findings", "--format", "xml"): "--format 只能是 table、jsonl、csv、parquet，而不是 xml",
}


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_use_is_one_chinese_line(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*arguments]) == 2
    out, err = capsys.readouterr()
    assert err == f"用法有误：{WRONG[arguments]}；加 --help 查看用法\n"
    assert out == ""


def test_with_json_the_document_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["findings", "--json", "--grade", "9"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out) == {"error": {"message": err.removesuffix("\n"), "exit_code": 2}}
    assert "不能大于 3" in err


def test_several_suggestions_and_odd_values_stay_whole() -> None:
    assert in_chinese("No such command 'l{0}'. Did you mean 'load', 'leads'?") == (
        "没有命令 l{0}，是否要用 load、leads"
    )
    assert in_chinese("Invalid value: 目录 a'b: {c} 不是空的") == "目录 a'b: {c} 不是空的"
    assert in_chinese("Something new.") == "Something new."
