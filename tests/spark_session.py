"""One Spark on this machine for tests, whose Java ends with them."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pyspark import SparkContext
from pyspark.sql import SparkSession

from ingest.resolve.engines.splink_backends import ALWAYS, LOCAL


@contextmanager
def spark_session() -> Iterator[SparkSession]:
    """A session with two workers; the test is skipped where there is no Java."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("no Java 17 on this machine, which Spark needs (the embedded wheel's is cut)")
    builder = SparkSession.builder.appName("jinghuan tests").master("local[2]")
    for name, value in (ALWAYS | LOCAL).items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    # Otherwise Spark would run whatever python3 the path names.
    session.sparkContext.pythonExec = sys.executable
    try:
        yield session
    finally:
        session.stop()
        # Spark leaves its Java running until Python ends; nothing public stops it.
        gateway = SparkContext._gateway
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait(30)
        SparkContext._gateway = SparkContext._jvm = None
