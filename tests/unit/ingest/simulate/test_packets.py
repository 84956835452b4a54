"""HJ 212 packets: the standard's own example, frames, and packets spoilt on purpose."""

import re

import polars as pl
import pytest

from ingest.simulate import packets
from ingest.simulate.monitoring import Month, observe
from ingest.simulate.size import SIZES
from ingest.simulate.truth import Truth
from tests.unit.ingest.simulate.conftest import Province

# HJ 212-2017, appendix A.
EXAMPLE = (
    "QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;"
    "Flag=5;CP=&&RtdInterval=30&&"
)
EVENT = SIZES["small"].periods()[-1]
PACKET = re.compile(r"(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d )?##(\d{4})(QN=.*&&)([0-9A-F]{4})")


def crc_by_hand(text: str) -> str:
    """Bit by bit, as the standard's own program does."""
    register = 0xFFFF
    for byte in text.encode():
        register = (register >> 8) ^ byte
        for _ in range(8):
            register = (register >> 1) ^ 0xA001 if register & 1 else register >> 1
    return f"{register:04X}"


def test_the_standards_example() -> None:
    assert packets.frame(pl.Series([EXAMPLE])).to_list() == [f"##0101{EXAMPLE}1C80"]


def test_check_sums_of_texts_of_unlike_length() -> None:
    texts = ["", "A", EXAMPLE, EXAMPLE[:-7], "0" * 900]
    assert packets.check_sums(pl.Series(texts)).to_list() == [crc_by_hand(t) for t in texts]


@pytest.fixture(scope="module")
def months(province: Province) -> dict[str, Month]:
    return observe(province.scene, EVENT)


def test_logs_hold_whole_packets_but_for_those_spoilt_on_purpose(
    province: Province, months: dict[str, Month]
) -> None:
    truth = Truth(1)
    packets.logs(province.scene.delivery, truth, EVENT, months)
    files = {file.name[6:10]: file for file in province.scene.delivery.raw}
    province.scene.delivery.raw.clear()
    assert set(files) == {"2017", "2025"}
    wrong_sum = wrong_length = 0
    for version, file in files.items():
        lines = file.data.decode("ascii").split("\r\n")
        assert lines.pop() == ""
        assert len(lines) == file.count > 1_400
        for line in lines:
            found = PACKET.fullmatch(line)
            assert found, line
            length, data, crc = found.groups()
            wrong_length += int(length) != len(data)
            wrong_sum += int(length) == len(data) and crc != crc_by_hand(data)
            assert f";Flag={packets.FLAGS[version]};" in data
            assert len(data) <= 1_024
    assert truth.bad_rows == {"hj212": {"bad_crc": wrong_sum, "bad_length": wrong_length}}
    assert wrong_sum == wrong_length == 2 * packets.SPOILT
