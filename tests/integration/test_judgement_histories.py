"""Long stories of judgements, new rows and corrections: ids hold, words bind, the graph follows.

Strategy: a base of a dozen firms is resolved once and copied for each story. Random stories run on
the embedded store; of two long ones that were thought out, one runs on each store. Everything that
must hold is checked after every act (:mod:`tests.integration.judged_history`).
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from graph.client import GraphStore
from records.registry import Verdict
from records.workspace import Workspace
from tests.conftest import StoreAddress
from tests.integration.judged_history import JudgedHistory, place_of
from tests.integration.lake_files import add_batches
from tests.unit.ingest.resolve.conftest import code_of

SUZHOU, NANTONG = "320505", "320602"
PHONE = "13811112222"
HENG, JIN, DING, LATE = (code_of(n) for n in (401, 402, 403, 404))
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


def enterprise(name: str, division: str = SUZHOU, **more: str) -> dict[str, str]:
    return {"name": name, "division_code": division, "site_address": "", **more}


def complaint(number: int, name: str, division: str = SUZHOU, **more: str) -> dict[str, str]:
    return {"complaint_no": f"C{number}", "target_name": name, "division_code": division, **more}


BASE = {
    "company": [
        {"uscc": HENG, "name": "苏州恒邦环保科技有限公司", "division_code": SUZHOU},
        {"uscc": JIN, "name": "南通锦泽运输有限公司", "division_code": NANTONG,
         "former_names": "南通启誉货运有限公司"},
    ],
    "enterprise": [
        enterprise("苏州恒邦环保科技有限公司", uscc=HENG, env_phone=PHONE, legal_rep="端木明远"),
        enterprise("蘇州恒邦環保科技有限公司", env_phone=PHONE),
        enterprise("苏州恒帮环保科技有限公司", site_address="鼎新路1号"),
        enterprise("苏州恒邦环保科技有限公司城西分公司", env_phone=PHONE),
        enterprise("南通启誉货运有限公司", NANTONG),
        enterprise("苏州鼎劲纺织印染有限公司", uscc=DING),
    ],
    "complaint": [
        complaint(1, "苏州佳硕机械制造有限公司"),
        complaint(2, "苏州佳烁机械制造有限公司"),
        complaint(3, "恒邦环保"),
        complaint(4, "苏州鼎劲纺织印染"),
    ],
}  # fmt: skip
# Deliveries to come: rows that bring codes, names and ties, and corrections of complaints.
DELIVERIES: list[dict[str, list[dict[str, str]]]] = [
    {"enterprise": [enterprise("苏州佳硕机械制造有限公司", uscc=LATE, site_address="望亭路2号")]},
    {"enterprise": [enterprise("苏州恒帮环保科技有限公司", site_address="鼎新路1号",
                               env_phone=PHONE)]},
    {"complaint": [complaint(2, "苏州佳硕机械制造有限公司", address="望亭路2号")]},
    {"complaint": [complaint(1, "苏州鼎劲纺织印染有限公司", target_uscc=DING)]},
    {"complaint": [complaint(4, "苏州恒邦环保科技有限公司", target_uscc=HENG)]},
    {"complaint": [complaint(1, "苏州佳硕机械制造有限公司"),
                   complaint(5, "恒邦环保", address="鼎新路1号")]},
    {"company": [{"uscc": LATE, "name": "苏州佳硕智能装备有限公司", "division_code": SUZHOU,
                  "former_names": "苏州佳硕机械制造有限公司"}]},
    {"complaint": [complaint(3, "苏州恒帮环保科技有限公司"),
                   complaint(2, "苏州佳烁机械制造有限公司")]},
]  # fmt: skip
MANY = st.integers(0, 99)
ACT = st.one_of(
    st.tuples(st.just("judge"), MANY, MANY, st.sampled_from(VERDICTS)),
    st.tuples(st.just("judge"), MANY, MANY, st.sampled_from(VERDICTS)),
    st.tuples(st.just("judge ids"), MANY, MANY, st.sampled_from(VERDICTS)),
    st.tuples(st.just("undo"), MANY),
    st.tuples(st.just("deliver"), MANY),
)
STORIES, ACTS = 3, 6


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of the base, nothing resolved."""
    workspace = Workspace(tmp_path_factory.mktemp("base") / "workspace")
    workspace.create()
    add_batches(workspace, BASE)
    return workspace.root


@pytest.fixture(scope="module")
def embedded(embedded_address: StoreAddress) -> Iterator[GraphStore]:
    """One connection for all random stories."""
    with embedded_address.connect() as store:
        yield store


def begin(base: Path, root: Path, store: GraphStore) -> JudgedHistory:
    """A history of its own from the base on."""
    shutil.copytree(base, root)
    store.write("MATCH (n) DETACH DELETE n")
    history = JudgedHistory(Workspace(root), store)
    for dataset, rows in BASE.items():
        history.rows |= {place_of(dataset, row): row for row in rows}
    history.step()
    return history


def act(history: JudgedHistory, what: tuple[Any, ...]) -> None:
    """One act; numbers choose among what there is."""
    match what:
        case ("deliver", number):
            history.deliver(DELIVERIES[number % len(DELIVERIES)])
        case ("undo", number):
            if history.said:
                history.undo(history.said[number % len(history.said)].number)
        case (kind, a, b, verdict):
            places = history.places()
            one, two = places[a % len(places)], places[b % len(places)]
            history.judge(one, two, verdict, by_id=kind == "judge ids")


def end(history: JudgedHistory, root: Path) -> None:
    """What must hold of a whole story: no memory but the judgements, and none once undone."""
    judged = history.partition_afresh(root / "judged", with_judgements=True)
    assert history.partition() == judged
    history.check_repeated()
    history.check_whole_graph()
    history.undo(*(said.number for said in history.said))
    assert history.partition() == history.partition_afresh(root / "unjudged", with_judgements=False)
    history.check_repeated()
    history.check_whole_graph()


@pytest.mark.slow
@given(acts=st.lists(ACT, min_size=ACTS, max_size=ACTS))
@settings(
    max_examples=STORIES,
    deadline=None,
    derandomize=True,
    database=None,
    # A story takes seconds; shrinking one would take longer than reading it.
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_happens(
    acts: list[tuple[Any, ...]],
    base: Path,
    embedded: GraphStore,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    root = tmp_path_factory.mktemp("story")
    history = begin(base, root / "workspace", embedded)
    for what in acts:
        act(history, what)
    end(history, root)


FIRM, TRADITIONAL, SISTER, BRANCH, FORMER, OTHER = (
    place_of("enterprise", row) for row in BASE["enterprise"]
)
MACHINES, MISSPELT, SHORT = (place_of("complaint", row) for row in BASE["complaint"][:3])


def a_merge_a_correction_and_a_split(history: JudgedHistory) -> None:
    """Rows that people joined get codes one after another."""
    assert history.judge(MACHINES, MISSPELT, "same")
    joined = history.entity(MACHINES)
    assert history.entity(MISSPELT) == joined
    history.deliver(DELIVERIES[0])
    assert history.entity(MACHINES) == joined, "a code learned later changes no id"
    assert not history.judge(MISSPELT, FIRM, "same"), "different codes"
    assert not history.judge(FIRM, BRANCH, "same"), "a branch is a firm of its own"
    assert history.judge(SHORT, FIRM, "same")
    history.deliver(DELIVERIES[2])
    history.undo(history.said[0].number)
    history.deliver(DELIVERIES[6])
    history.deliver(DELIVERIES[3])
    assert history.entity(MACHINES) == history.entity(OTHER), "the row speaks of another firm now"
    history.deliver(DELIVERIES[5])
    assert history.entity(MACHINES) != history.entity(OTHER)
    history.check_repeated()


def a_firm_taken_apart_and_put_together(history: JudgedHistory) -> None:
    """One word against the other, until the last one is taken back."""
    whole = history.entity(FIRM)
    assert history.entity(TRADITIONAL) == whole
    assert history.judge(FIRM, TRADITIONAL, "different")
    assert history.entity(FIRM) == whole, "the part that holds the code keeps the id"
    part = history.entity(TRADITIONAL)
    assert part != whole
    assert not history.judge(FIRM, TRADITIONAL, "different"), "said already"
    ids = {whole, part, history.entity(SISTER)}
    assert history.judge(SISTER, TRADITIONAL, "same")
    assert history.judge(SISTER, FIRM, "same")
    assert history.entity(SISTER) in ids
    history.check_repeated()
    history.deliver(DELIVERIES[1])
    assert history.judge(FIRM, TRADITIONAL, "same")
    assert len({history.entity(place) for place in (FIRM, TRADITIONAL, SISTER)}) == 1
    assert history.current(part) == whole
    assert history.judge(FIRM, SHORT, "unsure")
    history.deliver(DELIVERIES[4])
    history.undo(*(said.number for said in history.said))
    assert history.entity(FIRM) == whole
    history.check_repeated()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "story"),
    [
        ("embedded_address", a_merge_a_correction_and_a_split),
        pytest.param("neo4j_address", a_firm_taken_apart_and_put_together, marks=pytest.mark.neo4j),
    ],
)
def test_a_long_story(
    address: str,
    story: Callable[[JudgedHistory], None],
    base: Path,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    stores: StoreAddress = request.getfixturevalue(address)
    with stores.connect() as store:
        history = begin(base, tmp_path / "workspace", store)
        story(history)
        end(history, tmp_path)


def test_a_code_that_comes_back_does_not_wake_an_alias(
    base: Path, embedded: GraphStore, tmp_path: Path
) -> None:
    history = begin(base, tmp_path / "workspace", embedded)
    coded = complaint(8, "苏州科隆涂装设备有限公司")
    history.deliver({"complaint": [coded | {"target_uscc": LATE}]})
    history.deliver({"complaint": [coded | {"target_uscc": DING}]})
    history.deliver({"complaint": [complaint(9, "苏州朗盈热处理有限公司", target_uscc=LATE)]})
