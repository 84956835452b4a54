"""Learn the shipped weights of organisations anew, on generated records: the same file again.

    python -m tools.train_weights [--out FILE]

Records come from the generator of the bench with seeds of their own; the seed that the bench
reports is not among them, and no record carries a kind of mistake that nothing is tuned on. Pairs
of two valid codes are the labels (:mod:`ingest.resolve.learn`). Takes about two minutes and 6 GB.
"""

import argparse
import json
from pathlib import Path

from api.bench.er_organizations import former_names, mention_tuples
from ingest.resolve.compare import ATTRIBUTES, LEVEL_NAMES
from ingest.resolve.kinds import organization as org
from ingest.resolve.kinds.organization_records import build_records, packed_records, tuple_fields
from ingest.resolve.learn import Compared, learn_from
from ingest.resolve.weigh import SURPRISES, Weights
from ingest.resolve.weight_files import FILE, document
from ingest.simulate.organizations.generate import generate_organizations
from ingest.simulate.organizations.parameters import OrganizationParameters

VERSION = "organization-learned-1"
SEEDS = (1, 3, 4)
FIRMS = 66_000
OUT = Path(__file__).parents[1] / "ingest" / "resolve" / "data" / FILE


def nothing_known() -> Weights:
    """Weights that say nothing, so that all that is learned comes from the pairs."""
    levels = tuple((0.0,) * len(LEVEL_NAMES[attribute]) for attribute in ATTRIBUTES)
    return Weights("nothing", 0.0, levels, (0.0,) * len(SURPRISES))


def compared(seed: int, firms: int) -> Compared:
    """Candidate pairs of a generated collection."""
    parameters = OrganizationParameters(firm_count=firms, held_out_ratio=0.0)
    made = generate_organizations(parameters, seed).records
    records = build_records(tuple_fields(mention_tuples(made)), former_names(made), set())
    packed = packed_records(records)
    scored = org.score(records, packed, nothing_known())
    return Compared(packed, scored.candidates.a, scored.candidates.b, scored.levels)


def trained(seeds: tuple[int, ...], firms: int) -> str:
    """The file of weights as text."""
    learned = learn_from([compared(seed, firms) for seed in seeds], nothing_known(), VERSION)
    made = document(learned)
    origin = {
        "source": "ingest/simulate/organizations",
        "seeds": list(seeds),
        "firms_per_seed": firms,
        "missing_code_ratio": OrganizationParameters().missing_code_ratio,
        "held_out_ratio": 0.0,
    }
    made["training"] = {"data": origin} | made["training"]
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.parse_args().out.write_text(trained(SEEDS, FIRMS), encoding="utf-8")


if __name__ == "__main__":
    main()
