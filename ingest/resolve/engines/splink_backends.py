"""Where Splink runs: an in-memory DuckDB, or Spark on this machine or a cluster.

Neither reaches out to a network of its own accord, prints to stdout or leaves anything behind.
On a cluster the executors need this package, because the levels call its compiled distances.
"""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
from duckdb.func import PythonUDFType

from ingest.errors import ResolveError
from ingest.resolve.engines.splink_options import SplinkOptions
from ingest.resolve.engines.text_distances import FUNCTIONS
from records.views import connect_memory

if TYPE_CHECKING:
    from splink import DuckDBAPI, SparkAPI
    from splink.internals.splink_dataframe import SplinkDataFrame

LOCAL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "3g",
    "spark.sql.shuffle.partitions": "8",
}
ALWAYS = {
    "spark.driver.maxResultSize": "0",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "Asia/Shanghai",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


@dataclass(frozen=True, slots=True)
class Backend:
    """Splink's door to an engine, how a table gets in, and how an answer gets out."""

    api: "DuckDBAPI | SparkAPI"
    put: Callable[[str, pa.Table], "SplinkDataFrame"]
    query: Callable[[str], pa.Table]


def missing(name: str) -> ResolveError:
    """What to say when the extra is not installed."""
    return ResolveError(f"没有安装 {name}，无法使用该引擎；请安装：pip install 'jinghuan[scale]'")


@contextmanager
def quiet() -> Iterator[None]:
    """Splink's remarks on untrained or unobserved levels are silenced; its errors are not."""
    logger = logging.getLogger("splink")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def duckdb_backend(options: SplinkOptions) -> Iterator[Backend]:
    """Splink on a DuckDB of its own.

    Raises
    ------
    ResolveError
        When Splink is not installed.
    """
    try:
        from splink import DuckDBAPI
    except ImportError as error:
        raise missing("Splink") from error
    connection = connect_memory(options.memory_limit, options.threads)
    try:
        for name, function in FUNCTIONS.items():
            connection.create_function(
                name, function, ["VARCHAR", "VARCHAR"], "INTEGER", type=PythonUDFType.ARROW
            )
        api = DuckDBAPI(connection)

        def put(name: str, table: pa.Table) -> "SplinkDataFrame":
            # Of a table DuckDB knows how large it is and plans its joins by that; of a view of
            # Arrow memory it does not.
            connection.register("given", table)
            connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM given').fetchall()
            connection.unregister("given")
            return api.register(name, table_name=f"{name}_input")

        yield Backend(api, put, lambda sql: connection.sql(sql).to_arrow_table())
    finally:
        connection.close()


@contextmanager
def spark_backend(options: SplinkOptions) -> Iterator[Backend]:
    """Splink on the Spark session of this process, or on one that ends with the block.

    Raises
    ------
    ResolveError
        When Splink or PySpark is not installed, or Spark does not start.
    """
    try:
        from pyspark.sql import SparkSession
        from pyspark.sql.pandas.functions import arrow_udf
        from pyspark.sql.types import IntegerType
        from splink import SparkAPI
    except ImportError as error:
        raise missing("Splink 与 PySpark") from error
    own = SparkSession.getActiveSession() is None
    is_local = options.spark_master.startswith("local")
    builder = SparkSession.builder.appName("jinghuan resolve").master(options.spark_master)
    settings = ALWAYS | (LOCAL if is_local else {}) | dict(options.spark_settings)
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except Exception as error:  # of Spark, its launcher or its bridge to Java: no session to be had
        raise ResolveError(
            f"Spark 无法启动（{options.spark_master}）：{error}；"
            "本机运行需要 Java 17 以上（检查 JAVA_HOME），集群运行请检查主节点地址"
        ) from error
    parts = session.sparkContext.defaultParallelism
    try:
        if is_local:
            # Otherwise Spark would run whatever python3 the path names.
            session.sparkContext.pythonExec = sys.executable
        for name, function in FUNCTIONS.items():
            # The stub wants the kind of function named, which the library warns about.
            batched = arrow_udf(function, IntegerType())  # type: ignore[call-overload]
            session.udf.register(name, batched)
        api = SparkAPI(  # type: ignore[no-untyped-call]  # Splink does not annotate it
            spark_session=session,
            break_lineage_method="persist",
            register_udfs_automatically=False,
        )

        def put(name: str, table: pa.Table) -> "SplinkDataFrame":
            # Rows that stand in the plan itself would be copied into every branch of it.
            frame = session.createDataFrame(table).repartition(parts).persist()
            return api.register(frame, table_name=name)

        yield Backend(api, put, lambda sql: session.sql(sql).toArrow())
    finally:
        if own:
            session.stop()
