"""A group of bodies with its sites, excess, likenesses and innocent explanations."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import polars as pl

from analytics.affiliation import affiliations
from analytics.body_links import Ring
from analytics.excess import Excess, coded, group_excess
from analytics.likeness_rows import Likeness
from analytics.loop_suspicion import is_one_group
from analytics.service_sites import FEATURES, UNKNOWN_AGE, ServiceSites
from graph.types import Finding

Peer = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class RingCase:
    """One ring; ``findings`` the anomalies at its sites, ``grade`` before caps (0 for none).

    ``types_needed``: independent types of anomaly that make a site anomalous.
    ``monitored``: those of its sites where it runs the monitors. ``site_findings``: anomalous
    sites with the ids of their findings. ``peers``: all other bodies by number of sites and of
    anomalous ones (sites, anomalous, bodies). ``services``: anomalous sites with a row that says
    which body of the ring serves them. ``is_rejected``: the excess holds at the false
    discovery rate over all rings tested. ``innocent``: code to True (holds), False (ruled out) or
    None (not testable).
    """

    ring: Ring
    types_needed: int
    excess: Excess
    sites: tuple[str, ...]
    monitored: tuple[str, ...]
    site_findings: tuple[tuple[str, tuple[str, ...]], ...]
    findings: tuple[Finding, ...]
    peers: tuple[Peer, ...] = ()
    services: tuple[tuple[str, str], ...] = ()
    likenesses: tuple[Likeness, ...] = ()
    innocent: tuple[tuple[str, bool | None], ...] = ()
    is_rejected: bool = False
    grade: int = 0

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of likeness found."""
        return tuple(sorted({one.kind for one in self.likenesses}))


def _types(found: Sequence[str], known: dict[str, Finding]) -> int:
    """Most models among the findings whose evidence rows do not overlap."""
    chosen: dict[str, set[str]] = {}
    for finding_id in sorted(found):
        finding = known[finding_id]
        rows = {row.reference for row in finding.evidence}
        if all(rows.isdisjoint(other) for model, other in chosen.items() if model != finding.model):
            chosen.setdefault(finding.model, set()).update(rows)
    return len(chosen)


def _anomalous(
    anomalies: pl.DataFrame, known: dict[str, Finding], needed: int
) -> dict[str, tuple[str, ...]]:
    """Sites with at least ``needed`` independent types, with their findings."""
    per_site: dict[str, set[str]] = {}
    for site, finding_id in anomalies.select("site", "finding_id").iter_rows():
        per_site.setdefault(str(site), set()).add(str(finding_id))
    return {
        site: tuple(sorted(found))
        for site, found in sorted(per_site.items())
        if _types(tuple(found), known) >= needed
    }


def _hits(
    own: pl.DataFrame,
    everywhere: Mapping[str, tuple[str, ...]],
    known: dict[str, Finding],
    needed: int,
) -> dict[str, tuple[str, ...]]:
    """Anomalous sites at which an anomaly is laid to the bodies of ``own``, with their findings.

    Those of the bodies where they are enough, else all that were found at the site.
    """
    enough = _anomalous(own, known, needed)
    sites = set(own["site"].to_list())
    return {site: enough.get(site, found) for site, found in everywhere.items() if site in sites}


def _peers(sites: ServiceSites, hit: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Number of sites and of anomalous sites by body."""
    counts = sites.services.group_by("body").agg(pl.col("site").n_unique()).sort("body")
    return {str(body): (int(n), hit.get(str(body), 0)) for body, n in counts.iter_rows()}


def _tally(peers: Mapping[str, tuple[int, int]], own: Sequence[str]) -> tuple[Peer, ...]:
    counted = Counter(place for body, place in peers.items() if body not in own)
    return tuple((n, hits, bodies) for (n, hits), bodies in sorted(counted.items()))


def ring_cases(
    rings: Sequence[Ring],
    sites: ServiceSites,
    findings: Sequence[Finding],
    *,
    types_needed: int,
    least_others: int,
) -> list[RingCase]:
    """Cases of the rings that serve sites; rings whose excess cannot be tested are left out.

    Parameters
    ----------
    types_needed
        Independent anomaly types that make a site anomalous.
    least_others
        Sites of others that the expected share must at least rest on.
    """
    known = {finding.finding_id: finding for finding in findings}
    order = sites.features["site"].to_list()
    features = coded(
        [tuple(str(v) for v in row) for row in sites.features.select(FEATURES).iter_rows()]
    )
    everywhere = _anomalous(sites.anomalies, known, types_needed)
    outcomes = np.array([site in everywhere for site in order], dtype=np.bool_)
    own_hits = {
        str(frame["body"][0]): len(_hits(frame, everywhere, known, types_needed))
        for frame in sites.anomalies.partition_by("body", maintain_order=True)
    }
    peers = _peers(sites, own_hits)
    cases = []
    for ring in rings:
        served = sites.services.filter(pl.col("body").is_in(list(ring.bodies)))
        own = set(served["site"].to_list())
        is_own = np.array([site in own for site in order], dtype=np.bool_)
        if not own or int((~is_own).sum()) < least_others:
            continue
        theirs = sites.anomalies.filter(
            pl.col("body").is_in(list(ring.bodies)) & pl.col("site").is_in(sorted(own))
        )
        hit = _hits(theirs, everywhere, known, types_needed)
        own_sites = [site for site in order if site in own]
        excess = group_excess(
            features, outcomes, is_own, np.array([s in hit for s in own_sites], dtype=np.bool_)
        )
        used = sorted({finding_id for found in hit.values() for finding_id in found})
        monitored = set(served.filter(pl.col("channel") == "om")["site"].to_list())
        cases.append(
            RingCase(
                ring,
                types_needed,
                excess,
                tuple(own_sites),
                tuple(site for site in own_sites if site in monitored),
                tuple(hit.items()),
                tuple(known[finding_id] for finding_id in used),
                _tally(peers, ring.bodies),
                tuple(
                    served.filter(pl.col("site").is_in(list(hit)) & pl.col("source").is_not_null())
                    .select("site", "source")
                    .sort(pl.all())
                    .iter_rows()
                ),
            )
        )
    return cases


SUBCONTRACTS = """
WITH filed AS (
    SELECT tester_entity AS giver, subcontractor_entity AS taker FROM test_report_linked
    WHERE subcontractor_entity IS NOT NULL
    UNION ALL
    SELECT p.operator_entity, c.operator_entity FROM om_contract_linked c
    JOIN om_contract_linked p ON p.contract_no = c.parent_contract_no
    WHERE c.operator_entity <> p.operator_entity
)
SELECT least(giver, taker), greatest(giver, taker) FROM filed
WHERE giver IN (SELECT unnest($bodies)) AND taker IN (SELECT unnest($bodies)) AND giver <> taker
GROUP BY ALL ORDER BY ALL
"""
VENDORS = """
SELECT mode(device_vendor ORDER BY device_vendor), count(device_vendor)
FROM monitor_point_linked WHERE owner_entity IN (SELECT unnest($sites))
"""
VENDOR_SHARE = """
SELECT avg(CAST(device_vendor = $vendor AS INTEGER)) FROM monitor_point_linked
WHERE device_vendor IS NOT NULL AND owner_entity {} (SELECT unnest($sites))
"""
# How many firms bear a word in their name: what many do is a place or a trade and no brand.
BEARERS = "SELECT count(*) FROM organization WHERE contains(name, $word)"


def _subcontracted(sql: duckdb.DuckDBPyConnection, ring: Ring) -> bool:
    """Whether filed subcontracts join all bodies of the ring."""
    pairs = sql.execute(SUBCONTRACTS, {"bodies": list(ring.bodies)}).fetchall()
    joined = {ring.bodies[0]}
    for _ in ring.bodies:
        joined |= {b for pair in pairs for b in pair if joined & set(pair)}
    return joined == set(ring.bodies)


@dataclass(frozen=True, slots=True)
class InnocentRules:
    """When an explanation holds.

    ``vendor_share`` of one vendor's devices, of ``vendor_devices`` at least, make a service net.
    Identifiers, and words of names, of more than ``degree_cap`` organisations say nothing. From
    ``majority_pct`` on a holder stands above a firm. ``least_others``: sites of others from which
    something can be learned.
    """

    vendor_share: float
    vendor_devices: int
    degree_cap: int
    majority_pct: float
    least_others: int


def _vendor_net(
    sql: duckdb.DuckDBPyConnection, case: RingCase, names: Sequence[str], rules: InnocentRules
) -> bool | None:
    """One vendor's devices where the ring runs monitors, hardly elsewhere, or a body named so.

    A ring that runs no monitor is no service net, whatever devices stand where it takes samples.
    """
    if not case.monitored:
        return False
    sites = list(case.monitored)
    vendor, known = sql.execute(VENDORS, {"sites": sites}).fetchall()[0]
    if known < rules.vendor_devices:
        return None
    values = {"vendor": vendor, "sites": sites}
    own = sql.execute(VENDOR_SHARE.format("IN"), values).fetchall()[0][0]
    others = sql.execute(VENDOR_SHARE.format("NOT IN"), values).fetchall()[0][0] or 0.0
    brand = _brand(sql, str(vendor), rules.degree_cap)
    is_named = brand is not None and any(brand in name for name in names)
    return bool(own >= rules.vendor_share and (own >= 2 * others or is_named))


def _brand(sql: duckdb.DuckDBPyConnection, vendor: str, cap: int) -> str | None:
    """First two characters of a maker's name, the next two where the first are no brand."""
    for word in (vendor[:2], vendor[2:4]):
        if len(word) == 2 and sql.execute(BEARERS, {"word": word}).fetchall()[0][0] <= cap:
            return word
    return None


def _old_devices(case: RingCase, ages: Mapping[str, str], rules: InnocentRules) -> bool | None:
    """False where age cannot be what is left, None where it was not to be tested.

    Age is a feature of the expected share: what exceeds it is not age, provided that the ages of
    the ring's anomalous sites are known and that sites of others teach what such an age brings.
    Laboratories have no devices at a site.
    """
    run = [site for site, _ in case.site_findings if site in case.monitored]
    if not run:
        return False
    own = set(case.sites)
    taught = Counter(age for site, age in ages.items() if site not in own)
    tested = [
        site
        for site in run
        if ages[site] != UNKNOWN_AGE and taught[ages[site]] >= rules.least_others
    ]
    return False if 2 * len(tested) >= len(run) else None


def with_innocent(
    sql: duckdb.DuckDBPyConnection,
    cases: Sequence[RingCase],
    names: Mapping[str, str],
    ages: Mapping[str, str],
    rules: InnocentRules,
) -> list[RingCase]:
    """The cases with each innocent explanation tested.

    Parameters
    ----------
    names
        Names of the bodies by id.
    ages
        Age of the devices by site, as :mod:`analytics.service_sites` gives it.
    """
    everyone = sorted({body for case in cases for body in case.ring.bodies})
    known = affiliations(
        sql, everyone, degree_cap=rules.degree_cap, majority_pct=rules.majority_pct
    )
    found = []
    for case in cases:
        bodies = case.ring.bodies
        is_group = is_one_group(known, bodies)
        contact = {kind for link in case.ring.links for kind in link.kinds}
        checks: tuple[tuple[str, bool | None], ...] = (
            ("filed_subcontract_group", is_group and _subcontracted(sql, case.ring)),
            ("manufacturer_net", _vendor_net(sql, case, [names.get(b, "") for b in bodies], rules)),
            ("shared_bookkeeper", contact <= {"phone", "address", "email"}),
            ("old_devices", _old_devices(case, ages, rules)),
        )
        found.append(replace(case, innocent=checks))
    return found
