"""The command line as a whole: what every command takes, and that it can be built again."""

from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.main import get_command

from api.cli import FILE_BY_COMMAND, build, run

SHARED = {"--workspace", "--json", "--quiet"}


def commands(group: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every command below a group, by its words."""
    for name, command in group.commands.items():
        whole = f"{path} {name}".strip()
        if hasattr(command, "commands"):
            yield from commands(command, whole)
        else:
            yield whole, command


BUILT = dict(commands(get_command(build())))


def test_every_command_is_there() -> None:
    assert {name.split()[0] for name in BUILT} == set(FILE_BY_COMMAND)


@pytest.mark.parametrize("name", BUILT)
def test_every_command_takes_what_all_take(name: str) -> None:
    assert {option for p in BUILT[name].params for option in p.opts} >= SHARED


def test_building_twice_registers_no_command_twice() -> None:
    for app in (build(), build(), build("leads"), build("users"), build("weights")):
        for group in app.registered_groups:
            assert isinstance(group.typer_instance, typer.Typer)
            found = [c.name for c in group.typer_instance.registered_commands]
            assert len(found) == len(set(found)) > 1, group.name


def test_a_group_works_after_many_runs(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        assert run(["leads", "--help"]) == 0
    page = capsys.readouterr().out
    assert page.count("列出线索") == 3
