"""What every command gets: settings, where to print, and the options all commands share."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from api.jobs import Jobs
from api.output import Output
from api.settings import Settings, load_settings
from records.views import Views, open_views
from records.workspace import Workspace

WorkspaceOption = Annotated[
    Path | None,
    typer.Option("--workspace", help="工作区目录；缺省取 JINGHUAN_WORKSPACE，再缺省为 ./workspace"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="标准输出只给一份 JSON 文档")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="不显示进度")]


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

    def jobs(self) -> Jobs:
        """The stages, reporting progress to this command's output."""
        return Jobs(self.settings, self.output.progress)

    def views(self) -> Views:
        """Views over the lake with the memory and threads of the settings; close them."""
        return open_views(
            self.workspace,
            memory_limit=f"{self.settings.memory_gb}GB",
            threads=self.settings.threads,
        )
