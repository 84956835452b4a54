"""What every command gets: settings, where to print, and the options all commands share."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from api.identity.caller import Caller
from api.identity.roles import ROLES
from api.output import Output
from api.services import Services
from api.settings import Settings, SettingsError, load_settings
from records.views import open_views
from records.workspace import Workspace

WorkspaceOption = Annotated[
    Path | None,
    typer.Option("--workspace", help="工作区目录；缺省取 JINGHUAN_WORKSPACE，再缺省为 ./workspace"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="标准输出只给一份 JSON 文档")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="不显示进度")]
OutOption = Annotated[Path | None, typer.Option("--out", help="写入文件")]
LOCAL_PURPOSE = "命令行本机操作"


@dataclass(frozen=True, slots=True)
class Context:
    """Settings and output of one command."""

    settings: Settings
    output: Output

    @classmethod
    def build(cls, workspace: Path | None, is_json: bool, is_quiet: bool) -> "Context":
        """Settings of the workspace and an output in the wanted form."""
        return cls(load_settings(workspace), Output(is_json, is_quiet))

    @property
    def workspace(self) -> Workspace:
        """Paths of the workspace."""
        return self.settings.paths

    def caller(self, purpose: str = LOCAL_PURPOSE) -> Caller:
        """The role of the settings; without a case number, so that L4 is never unmasked.

        Raises
        ------
        SettingsError
            When the settings name a role that does not exist.
        """
        if self.settings.role not in ROLES:
            raise SettingsError(f"没有角色 {self.settings.role}；可用：{'、'.join(ROLES)}")
        return Caller(f"{getpass.getuser()}@cli", ROLES[self.settings.role], purpose.strip())

    @contextmanager
    def services(self) -> Iterator[Services]:
        """Services of the workspace, closed at the end.

        Raises
        ------
        SettingsError
            When there is no such workspace.
        """
        if not self.workspace.state.is_dir():
            raise SettingsError(
                f"{self.workspace.root} 不是工作区（没有 state/）；"
                "请用 --workspace 指定，或先运行 jinghuan demo 或 jinghuan run"
            )
        services = Services.open(self.settings)
        try:
            yield services
        finally:
            services.close()

    @contextmanager
    def sql(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor over the lake with the memory and threads of the settings."""
        views = open_views(
            self.workspace,
            memory_limit=f"{self.settings.memory_gb}GB",
            threads=self.settings.threads,
        )
        try:
            yield views.cursor()
        finally:
            views.close()
