"""What compares and weighs the pairs of organisations."""

from typing import Literal, get_args

Engine = Literal["builtin", "splink-duckdb", "splink-spark"]
ENGINES: tuple[Engine, ...] = get_args(Engine)
BUILT_IN: Engine = "builtin"
