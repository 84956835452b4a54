"""What every DuckDB connection of the product, and every cursor of it, has to hold."""

import duckdb
import pytest

from records.views import connect_memory

SETTINGS = [("timezone", "Asia/Shanghai"), ("enable_progress_bar", False)]


@pytest.mark.parametrize(("name", "value"), SETTINGS)
@pytest.mark.parametrize("is_cursor", [False, True])
def test_settings_hold_for_the_connection_and_its_cursors(
    name: str, value: object, *, is_cursor: bool
) -> None:
    connection = connect_memory()
    asked = connection.cursor() if is_cursor else connection
    assert asked.sql("SELECT current_setting($1)", params=[name]).fetchall() == [(value,)]


def test_nothing_is_fetched_from_outside() -> None:
    with pytest.raises(duckdb.Error):
        connect_memory().execute("SELECT * FROM st_read('x')")
