"""Names of organisations taken apart."""

import pytest

from ingest.resolve.normalise import parse_name

# name: region, trunk, legal form, branch
NAMES = {
    "苏州宏润环保科技有限公司": ("3205", "宏润环保科技", "有限公司", ""),
    "宏润(苏州)环保科技有限公司": ("3205", "宏润环保科技", "有限公司", ""),
    "苏州宏润环保科技有限公司吴江分公司": ("3205", "宏润环保科技", "有限公司", "吴江分公司"),
    "常州市尼菲尼教育咨询海安分公司": ("3204", "尼菲尼教育咨询", "", "海安分公司"),
    "四海助剂科技大丰分公司": ("", "四海助剂科技", "", "大丰分公司"),
    "南通华天第二分厂": ("3206", "华天", "", "第二分厂"),
    "新华书店": ("", "新华书", "店", ""),
}


@pytest.mark.parametrize("name", NAMES)
def test_parts_of_a_name(name: str) -> None:
    found = parse_name(name)
    assert (found.region, found.trunk, found.suffix, found.branch) == NAMES[name]


@pytest.mark.parametrize("name", ["", "苏", "()", "(苏州)", "分公司", "海安分公司", "有限公司"])
def test_any_text_gives_a_trunk(name: str) -> None:
    assert parse_name(name).trunk or not name
