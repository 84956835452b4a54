"""The one settings object: defaults, then ``jinghuan.toml`` of the workspace, then environment.

Built at the door (command line, app factory, tests) and handed down; nothing below reads the
environment.
"""

import os
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from graph.settings import GraphSettings
from records.workspace import Workspace

ModelState = Literal["DRAFT", "SHADOW", "TRIAL", "LIVE", "SUSPENDED"]


class SettingsError(Exception):
    """The settings file cannot be read; the message names file, place and cure."""


class SourceSettings(BaseModel):
    """What the operator knows about a source and its files do not say."""

    crs: str = ""
    source_system: str = ""
    units: dict[str, str] = Field(default_factory=dict)


class ModelSettings(BaseModel):
    """Life-cycle state and parameters of one model in this workspace."""

    state: ModelState | None = None
    parameters: dict[str, float | int | str | bool] = Field(default_factory=dict)


class Settings(BaseSettings):
    """Settings of one installation; every field can be set as ``JINGHUAN_…``."""

    model_config = SettingsConfigDict(
        env_prefix="JINGHUAN_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    workspace: Path = Path("workspace")
    role: str = "analyst"
    graph_uri: str = ""
    graph_user: str = "neo4j"
    graph_password: SecretStr = SecretStr("")
    graph_database: str = "neo4j"
    memory_gb: float = Field(default=3.0, gt=0)
    threads: int = Field(default=2, ge=1)
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    session_hours: float = Field(default=8.0, gt=0)
    unit_name: str = "生态环境公安联合值班中心"
    default_model_state: ModelState = "LIVE"
    models: dict[str, ModelSettings] = Field(default_factory=dict)
    sources: dict[str, SourceSettings] = Field(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - signature of the library
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment first, then what the file gave."""
        return (env_settings, init_settings)

    @property
    def paths(self) -> Workspace:
        """The workspace as named paths."""
        return Workspace(self.workspace)

    @property
    def graph(self) -> GraphSettings:
        """What the graph client needs.

        Raises
        ------
        BadSettings
            When ``graph_uri`` is no Bolt address.
        """
        return GraphSettings(
            uri=self.graph_uri,
            user=self.graph_user,
            password=self.graph_password.get_secret_value(),
            database=self.graph_database,
        )


def load_settings(workspace: Path | None = None, **given: Any) -> Settings:
    """Settings for a workspace.

    Parameters
    ----------
    workspace
        Folder from the command line; without it ``JINGHUAN_WORKSPACE``, else ``./workspace``.
    given
        Values that win over the file but not over the environment.

    Raises
    ------
    SettingsError
        When ``jinghuan.toml`` is no TOML or names unknown or impossible settings.
    """
    root = workspace or Path(os.environ.get("JINGHUAN_WORKSPACE", "workspace"))
    file = Workspace(root).settings_file
    values: dict[str, Any] = {}
    if file.exists():
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"设置文件 {file} 无法解析：{error}；请按 TOML 格式改正") from error
    try:
        settings = Settings(**{**values, **given})
    except ValueError as error:
        raise SettingsError(f"设置有误（{file} 或环境变量 JINGHUAN_…）：{error}") from error
    return settings.model_copy(update={"workspace": root})
