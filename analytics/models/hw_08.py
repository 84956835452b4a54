"""HW-08 资质不符: waste handed to, carried by or crossing a border with those not allowed to.

Mechanism. On the day of acceptance the receiver's licence is missing, over or ended (T1), does
not hold the code (T2) or the method (T3), the year's amount is used up (T4), the site is another
one (T9); the carrier has no hazmat scope (T5), truck or trailer no permit (T6), driver or escort
no certificate (T7); a transfer between provinces has no approval, or more than it allows (T8).

Innocent. A licence renewed while the feed lags, a scope of all codes of a category, a step that
the exemption list frees (an exempt use frees from T1 to T4 only, an exempt transport from T5 to
T7), collection pilots and approved trial operation. Each is tested; what the delivered registers
do not cover is "unknown" and never a hit.

Source: DOMAIN HW-08, RULINGS 4, 20 and 31.
"""

from dataclasses import dataclass
from datetime import timedelta

from analytics.licence_report import Thresholds, drafts_of
from analytics.licence_tests import run_tests
from analytics.model import Draft, Inputs, Model, parameter

DESIGN = "DOMAIN HW-08"
RECEIVER_GRAVE = frozenset({"T1", "T2", "T3", "T8", "T9"})
EXEMPT_FROM = frozenset({"T1", "T2", "T3", "T4"})
SOFT = frozenset({"T6", "T7"})


@dataclass(frozen=True, slots=True)
class Params:
    """Thresholds of HW-08."""

    history_days: int = parameter(730, unit="d", source="design: findings stay while lake has data")
    load_near: float = parameter(0.9, unit="ratio, grade 3", source=DESIGN)
    load_full: float = parameter(1.0, unit="ratio, grade 2", source=DESIGN + "; LIC")
    load_over: float = parameter(1.2, unit="ratio, grade 1", source=DESIGN + "; LIC")
    soft_days: int = parameter(30, unit="d", source=DESIGN + ": T6/T7 expired")
    renewal_lag_days: int = parameter(30, unit="d", source="design: licence feed is monthly")
    site_km: float = parameter(1.0, unit="km", source=DESIGN)
    episode_gap_days: int = parameter(30, unit="d", source="RULINGS 4")
    evidence_manifests: int = parameter(20, unit="manifests", source="design: shown per finding")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the tests gave for one owner: failed tests, days over a mere expiry, amount used."""

    fails: tuple[str, ...] = ()
    is_exempt: bool = False
    soft_expired_days: int | None = None
    load: float = 0.0


def grade(outcome: Outcome, params: Params) -> int:
    """Grade 1 to 3 by DOMAIN HW-08, 0 for none; caps are not applied here."""
    fails = set(outcome.fails) - (EXEMPT_FROM if outcome.is_exempt else frozenset())
    load = 0.0 if outcome.is_exempt else outcome.load
    if fails & RECEIVER_GRAVE or load >= params.load_over:
        return 1
    days = outcome.soft_expired_days
    is_soft = fails <= SOFT and days is not None and days <= params.soft_days
    if (fails - {"T4"} and not is_soft) or load >= params.load_full:
        return 2
    return 3 if fails or load >= params.load_near else 0


def detect(inputs: Inputs, params: Params) -> list[Draft]:
    """Runs of failed tests, one draft per owner, test and episode, gravest first."""
    since = inputs.until - timedelta(days=params.history_days)
    run_tests(
        inputs.sql,
        since,
        inputs.until,
        {
            "load_near": params.load_near,
            "site_km": params.site_km,
            "lag_days": params.renewal_lag_days,
            "gap_days": params.episode_gap_days,
        },
    )

    def grade_of(test: str, load: float, soft_days: int | None) -> int:
        used = load if test == "T4" else 0.0
        return grade(Outcome((test,), soft_expired_days=soft_days, load=used), params)

    thresholds = Thresholds(
        params.load_near, params.site_km, params.renewal_lag_days, params.evidence_manifests
    )
    drafts = drafts_of(inputs, grade_of, thresholds)
    return sorted(drafts, key=lambda d: (d.grade, -d.score, d.identity, d.discriminator))


MODEL = Model(
    id="HW-08",
    version="1",
    name_zh="资质不符",
    name_en="Licence and qualification mismatch",
    direction="A",
    notice="enterprise",
    datasets=(
        "manifest",
        "manifest_item",
        "manifest_leg",
        "manifest_event",
        "hw_licence",
        "hw_licence_item",
        "carrier_licence",
        "vehicle_permit",
        "driver_permit",
        "waybill",
        "transfer_approval",
    ),
    required=("manifest", "manifest_item"),
    legal_refs=(
        "CODE-534",
        "CODE-536",
        "CODE-537",
        "CODE-1175(5)",
        "CODE-1175(8)",
        "CODE-1178",
        "LIC",
        "JI-7",
        "TRM-11",
        "TRM-21",
    ),
    params=Params(),
    detect=detect,
    episode_gap_days=30,
)
