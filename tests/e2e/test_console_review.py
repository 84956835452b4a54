"""待人工判定 in a real browser: both sides and bits are read, judged, taken back; other roles not.

Strategy: a small lake with pairs in doubt, resolved without a graph; one site for the module, on
which every judgement is taken back.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from api.identity.users import Users
from records.workspace import Workspace
from tests.e2e.console_site import PASSWORD, USERS, Visit, browser, served, visit
from tests.unit.ingest.resolve.stored_lake import DOUBTED, PHONE, resolved_lake

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PURPOSE = "值班核查"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = resolved_lake(tmp_path_factory.mktemp("review") / "w", {"enterprise": DOUBTED})
    with Users.open(workspace.state_file("users")) as users:
        for name, role in USERS:
            users.set(name, role, PASSWORD)
    return workspace


@pytest.fixture(scope="module")
def site(lake: Workspace) -> Iterator[str]:
    with served(lake.root) as base:
        yield base


@pytest.fixture(scope="module")
def analyst(chromium: Browser, site: str) -> Iterator[Visit]:
    with visit(chromium, site) as made:
        yield made.sign_in("analyst", PURPOSE)


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_the_queue_reads_well(chromium: Browser, site: str, is_dark: bool) -> None:
    with visit(chromium, site, is_dark=is_dark) as made:
        made.sign_in("analyst", PURPOSE).open("/review")
        assert made.page.locator("h1").count() == 1
        assert made.page.locator("form.verdict").count() > 1
        assert made.complaints == []
        assert made.outside == []
        assert made.overflow() <= 0
        assert made.english() == set()
        assert PHONE not in made.text()
        assert "138****2222" in made.text()


def test_the_navigation_leads_there(analyst: Visit) -> None:
    page = analyst.open("/")
    page.click("nav >> text=待人工判定")
    assert page.url.endswith("/review")
    assert page.locator("nav a[aria-current]").inner_text() == "待人工判定"


def test_a_pair_is_judged_and_taken_back(analyst: Visit) -> None:
    page = analyst.open("/review")
    pairs = page.locator("form.verdict").count()
    form = page.locator("form.verdict").first
    form.locator("button[value=different]").click()
    assert page.url.endswith("/review"), "without a reason nothing is sent"
    form.locator("input[name=reason]").fill("两家登记地址不同")
    form.locator("input[name=reason]").press("Enter")
    assert page.url.endswith("/review"), "Enter alone is no verdict"
    form.locator("button[value=different]").click()
    page.wait_for_url("**/review?done=*")
    assert "下一次归并" in page.locator("[role=status]").inner_text()
    assert page.locator("form.verdict").count() < pairs
    assert "两家登记地址不同" in analyst.text()
    page.click("form[action='/review/undo'] >> text=撤销")
    page.wait_for_url("**/review?undone=*")
    assert page.locator("form.verdict").count() == pairs
    assert analyst.complaints == []


def test_an_entity_shows_why_its_records_are_one(analyst: Visit) -> None:
    page = analyst.open("/review")
    href = str(page.locator(".falls th a").first.get_attribute("href"))
    page = analyst.open(href)
    assert "归并依据" in analyst.text()
    assert "主记录" in page.locator("#resolution").inner_text()
    assert PHONE not in analyst.text()
    assert analyst.overflow() <= 0


def test_without_scripts_a_pair_can_be_judged(chromium: Browser, site: str) -> None:
    with visit(chromium, site, has_scripts=False) as made:
        page = made.sign_in("officer").open("/review")
        form = page.locator("form.verdict").first
        form.locator("input[name=reason]").fill("现场看过")
        form.locator("button[value=unsure]").click()
        assert "已记录" in made.text()
        page.click("form[action='/review/undo'] >> text=撤销")
        assert "已撤销" in made.text()


@pytest.mark.parametrize("user", ["dispatcher", "auditor", "sysadmin"])
def test_other_roles_are_told_who_judges(chromium: Browser, site: str, user: str) -> None:
    with visit(chromium, site) as made:
        made.sign_in(user).open("/review")
        assert "不能作归并判定" in made.text()
        assert made.page.locator("nav >> text=待人工判定").count() == 0
