"""Every page of the console in a real browser: reads well, asks nothing outside, keeps to roles."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from api.identity.roles import ROLES
from tests.e2e.console_inbox import FIRMS, credit_code
from tests.e2e.console_site import Visit, browser, make_site, served, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PURPOSE = "值班核查"
ID_NUMBER, PHONE = "320402198005124517", "13951780001"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(make_site(tmp_path_factory.mktemp("site") / "w")) as base:
        yield base


@pytest.fixture(scope="module")
def analyst(chromium: Browser, site: str) -> Iterator[Visit]:
    with visit(chromium, site) as made:
        yield made.sign_in("analyst", PURPOSE)


def first_href(made: Visit, path: str, selector: str) -> str:
    made.open(path)
    return str(made.page.locator(selector).first.get_attribute("href"))


@pytest.fixture(scope="module")
def paths(analyst: Visit) -> dict[str, str]:
    """Every page of an analyst, reached by links as a user does."""
    found = {"board": "/", "leads": "/leads", "graph": "/graph", "queries": "/queries"}
    found |= {"models": "/models", "intake": "/intake", "search": "/search?q=%E6%B6%A6%E6%B3%BD"}
    found["review"] = "/review"
    found["lead"] = first_href(analyst, "/leads?model=HW-11", "main table a[href^='/leads/XS']")
    found["entity"] = first_href(analyst, found["lead"], "main a[href^='/entities/org']")
    found["vehicle"] = first_href(analyst, found["lead"], "main a[href^='/entities/vehicle']")
    found["focus"] = first_href(analyst, found["entity"], "main a[href^='/graph?focus']")
    entity_id = found["entity"].removeprefix("/entities/")
    found["query"] = f"/queries/firm_profile?id={entity_id}&run=1"
    found["files"] = "/intake/manifest"
    found["quarantine"] = first_href(analyst, "/intake/manifest", "main table a")
    return found


PAGES = (
    "board", "leads", "lead", "entity", "vehicle", "search", "graph", "focus", "queries", "query",
    "models", "review", "intake", "files", "quarantine",
)  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_well(analyst: Visit, paths: dict[str, str], name: str) -> None:
    analyst.complaints.clear()
    analyst.outside.clear()
    page = analyst.open(paths[name])
    if page.locator("#network-data").count():
        page.wait_for_selector("#network:not([hidden]) canvas")
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert page.locator("h1").count() == 1
    assert analyst.complaints == []
    assert analyst.outside == []
    assert analyst.overflow() <= 0
    assert analyst.english() == set()
    text = analyst.text()
    assert ID_NUMBER not in text
    assert PHONE not in text
    assert "违法行为人" not in text


def test_markup_in_a_name_stays_text(analyst: Visit) -> None:
    page = analyst.open("/search?q=%E6%B5%8B%E8%AF%95")
    assert page.locator("main b").count() == 0
    assert FIRMS["标记"][0] in analyst.text()


def test_a_lead_shows_why_it_is_believed(analyst: Visit, paths: dict[str, str]) -> None:
    analyst.open(paths["lead"])
    text = analyst.text()
    for word in ("一级", "十二个月累计数量", "122.7 吨", "100 吨", "已排除", "尚未分派", "第1环"):
        if word != "尚未分派":
            assert word in text, word
    assert "202610_危险废物转移联单.csv" in text
    assert credit_code("宁江") in text
    assert "《生态环境法典》" in text or "《中华人民共和国固体废物污染环境防治法》" in text


def test_an_entity_says_who_names_it(analyst: Visit, paths: dict[str, str]) -> None:
    analyst.open(paths["entity"])
    text = analyst.text()
    assert "市场监管·市场主体登记" in text
    assert "疑似危险废物非法转移闭环" in text
    assert "139****0001" in text


def test_quarantined_rows_stand_beside_the_expected_form(
    analyst: Visit, paths: dict[str, str]
) -> None:
    analyst.open(paths["quarantine"])
    text = analyst.text()
    assert "日期不成立" in text
    assert "2026-02-30 09:00" in text
    assert "时间，如 2026-10-31 08:00，必填" in text


def test_a_refused_file_is_named_with_its_cure(analyst: Visit) -> None:
    analyst.open("/intake")
    text = analyst.text()
    assert "waybill/202610_运单.csv" in text
    assert "表头" in text
    assert re.search(r"读入 (\d+) 行 = 接受 (\d+) 行 \+ 隔离 (\d+) 行", text)


def test_keys_move_open_and_search(analyst: Visit) -> None:
    page = analyst.open("/leads")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    current = page.locator("tr.current")
    assert current.count() == 1
    wanted = str(current.get_attribute("data-href"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{wanted}")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search-text"
    page.keyboard.type("润泽")
    page.wait_for_selector("#suggestions a")
    assert "润泽" in page.locator("#suggestions").inner_text()
    page.keyboard.press("Escape")
    assert page.locator("#suggestions a").count() == 0


def test_filters_stand_in_the_address(analyst: Visit) -> None:
    page = analyst.open("/leads")
    page.select_option("select[name=model]", "HW-11")
    page.wait_for_url("**model=HW-11*")
    models = page.locator("main tbody td:nth-child(5)").all_inner_texts()
    assert models
    assert set(models) == {"HW-11"}


def test_pages_can_be_read_without_scripts(
    chromium: Browser, site: str, paths: dict[str, str]
) -> None:
    with visit(chromium, site, has_scripts=False) as made:
        made.sign_in("analyst", PURPOSE)
        page = made.open(paths["lead"])
        still = page.locator("#network-still")
        assert still.evaluate("image => image.complete && image.naturalWidth > 100")
        assert "122.7 吨" in page.locator("main").inner_text()
        assert page.locator("#network").is_hidden()


def test_dark_pages_keep_their_contrast(chromium: Browser, site: str) -> None:
    with visit(chromium, site, is_dark=True) as made:
        made.sign_in("analyst", PURPOSE)
        made.open("/leads")
        ground, ink = (
            made.page.evaluate(f"getComputedStyle(document.documentElement).{name}")
            for name in ("backgroundColor", "color")
        )
        dark, light = (sum(map(int, re.findall(r"\d+", c)[:3])) for c in (ground, ink))
        assert dark < 150 < 500 < light
        assert made.complaints == []


def test_findings_need_a_purpose_and_a_role(chromium: Browser, site: str) -> None:
    with visit(chromium, site) as made:
        page = made.sign_in("analyst").page
        assert "请先说明查询事由" in made.text()
        assert "疑似" not in page.locator("main").inner_text()
        made.open("/leads")
        page.fill("input[name=purpose]", PURPOSE)
        page.click("text=以此事由查看")
        assert page.url.endswith("/leads")
        assert "疑似危险废物非法转移闭环" in made.text()
        page.click("text=结束")
        made.open("/leads")
        assert "疑似危险废物非法转移闭环" not in made.text()


@pytest.mark.parametrize("user", ["dispatcher", "officer", "sysadmin"])
def test_other_roles_see_no_lead_of_others(
    chromium: Browser, site: str, paths: dict[str, str], user: str
) -> None:
    with visit(chromium, site) as made:
        made.sign_in(user)
        for path in ("/", "/leads", paths["lead"], paths["lead"] + "/figure.svg"):
            made.open(path)
            assert "非法转移闭环" not in made.text(), path
        made.page.request.get(site + "/")


def test_the_auditor_sees_who_looked_and_why(chromium: Browser, site: str, analyst: Visit) -> None:
    analyst.open("/leads")
    with visit(chromium, site) as made:
        made.sign_in("auditor")
        made.open("/audit")
        text = made.text()
        assert PURPOSE in text
        assert "记录链完整" in text
        assert "查看线索列表" in text
        assert "leads.list" not in text
        # Names of users are what they are; which of them looked at pages before is not said here.
        assert made.english() <= ROLES.keys()
        made.open("/audit?q=线索列表")
        assert "查看线索列表" in made.text()
        assert made.complaints == []


def test_strangers_are_led_to_the_door_and_back(chromium: Browser, site: str) -> None:
    with visit(chromium, site) as made:
        page = made.open("/intake")
        assert "/sign-in" in page.url
        page.fill("input[name=name]", "analyst")
        page.fill("input[name=password]", "wrong")
        page.click("button[type=submit]")
        assert "用户名或口令不正确" in made.text()
        page.fill("input[name=password]", "a password for tests")
        page.click("button[type=submit]")
        assert page.url.endswith("/intake")
        made.open("/sign-in?next=https://example.invalid/")
        assert page.locator("input[name=next]").get_attribute("value") == "/"


def test_unknown_addresses_are_pages_that_lead_back(analyst: Visit) -> None:
    for path in ("/no-such-page", "/leads/XS2026999999", "/entities/org:0000000000000000"):
        analyst.open(path)
        assert "回到值班台" in analyst.text()
    analyst.complaints.clear()


def test_a_paper_prints_on_few_pages_and_says_the_same(
    analyst: Visit, paths: dict[str, str], tmp_path: Path
) -> None:
    light = first_href(analyst, "/leads?grade=3", "main table a[href^='/leads/XS']")
    page = analyst.open(light + "/papers/html")
    printed = page.pdf(path=tmp_path / "paper.pdf", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2
    analyst.open(paths["lead"])
    on_screen = analyst.page.locator("main table").first.inner_text()
    analyst.open(paths["lead"] + "/papers/html")
    paper = analyst.text()
    for number in ("122.7 吨", "100 吨", "3 次"):
        assert number in on_screen, number
        assert number in paper, number
    assert ID_NUMBER not in paper
    assert PHONE not in paper
    assert analyst.outside == []


def test_papers_can_be_kept(analyst: Visit, paths: dict[str, str]) -> None:
    for form, start in (("docx", b"PK"), ("network", b"<html")):
        answer = analyst.page.request.get(f"{analyst.base}{paths['lead']}/papers/{form}")
        assert answer.ok
        assert answer.body().lstrip().startswith(start)
        assert "attachment" in answer.headers["content-disposition"]


def test_empty_states_teach(chromium: Browser, tmp_path: Path) -> None:
    with served(make_site(tmp_path / "w", is_empty=True)) as base, visit(chromium, base) as made:
        made.sign_in("analyst", PURPOSE)
        for path, words in (
            ("/", "还没有线索"),
            ("/leads", "还没有线索"),
            ("/intake", "还没有接入数据"),
            ("/graph", "从一个主体开始"),
            ("/models", "缺少必需的数据"),
        ):
            made.open(path)
            assert words in made.text(), path
            assert made.overflow() <= 0
        assert made.complaints == []
