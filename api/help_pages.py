"""Help pages of the command line in Chinese: the library's headings are English."""

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

PIECES_ZH = {"[OPTIONS]": "[选项]", "COMMAND [ARGS]...": "命令 [参数]..."}


class ChineseCommand(TyperCommand):
    """A command whose help page is Chinese."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write the line that shows how the command is called."""
        _write_usage(self, ctx, formatter)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the page."""
        _translate(self, ctx)
        super().format_help(ctx, formatter)


class ChineseGroup(TyperGroup):
    """A group of commands whose help page is Chinese."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write the line that shows how the group is called."""
        _write_usage(self, ctx, formatter)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the page."""
        for command in self.commands.values():
            _translate(command, ctx)
        _translate(self, ctx)
        super().format_help(ctx, formatter)


def make_chinese(app: typer.Typer) -> None:
    """Let every command and group of ``app`` print its help page in Chinese."""
    for command in app.registered_commands:
        command.cls = ChineseCommand
    for group in app.registered_groups:
        group.cls = ChineseGroup
        if group.typer_instance is not None:
            make_chinese(group.typer_instance)


def _write_usage(command: Any, ctx: Any, formatter: Any) -> None:
    pieces = (PIECES_ZH.get(piece, piece) for piece in command.collect_usage_pieces(ctx))
    formatter.write_usage(ctx.command_path, " ".join(pieces), prefix="用法：")


def _translate(command: Any, ctx: Any) -> None:
    # Only help pages need it, and reading it takes longer than a short command.
    from typer import rich_utils

    rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
    rich_utils.OPTIONS_PANEL_TITLE = "选项"
    rich_utils.COMMANDS_PANEL_TITLE = "命令"
    rich_utils.DEFAULT_STRING = "[缺省：{}]"
    rich_utils.REQUIRED_LONG_STRING = "[必填]"
    # A docstring ends with the full stop of its own language.
    command.help = (command.help or "").removesuffix(".")
    option = command.get_help_option(ctx)
    if option is not None:
        option.help = "显示用法"
