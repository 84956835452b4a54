"""How a run with Splink is to be done."""

from dataclasses import dataclass
from typing import Literal, get_args

Engine = Literal["splink-duckdb", "splink-spark"]
Training = Literal["frozen", "own"]
ENGINES: tuple[Engine, ...] = get_args(Engine)


@dataclass(frozen=True, slots=True)
class SplinkOptions:
    """Engine and training, with what they need of the machine.

    ``frozen`` gives Splink our weights, so that both engines agree; ``own`` lets it learn its own:
    chance agreement from random pairs, true agreement from records of one credit code. ``seed`` and
    ``max_pairs`` are those of the random pairs.
    """

    engine: Engine = "splink-duckdb"
    training: Training = "frozen"
    seed: int = 1
    max_pairs: float = 2e6
    memory_limit: str = "3GB"
    threads: int = 2
    spark_master: str = "local[*]"
    spark_settings: tuple[tuple[str, str], ...] = ()
