"""The help page of every command is Chinese."""

import re

import pytest

from api.cli import FILE_BY_COMMAND, run

PAGES = [(), *((name,) for name in FILE_BY_COMMAND), ("leads", "list"), ("users", "set")]
# Names of types, options and commands, and what stands in a value, are the same in any language.
ENGLISH = re.compile(
    r"Usage|OPTIONS|COMMAND|ARGS|Options|Commands|Arguments|Show this|default|required|\.\s*│"
)


@pytest.mark.parametrize("command", PAGES, ids=" ".join)
def test_help_pages_are_chinese(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command, "--help"]) == 0
    page, err = capsys.readouterr()
    assert err == ""
    assert "用法：jinghuan" in page
    assert "显示用法" in page
    assert ENGLISH.findall(page) == []
