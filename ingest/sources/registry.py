"""The sources that need more than the table of datasets says."""

from ingest.sources import (
    gate_pass,
    hw_ledger,
    hw_licence_item,
    monitor_factor,
    om_contract,
    param_log,
    penalty,
    permit_limit,
)
from ingest.sources.rule import SourceRule

RULES: dict[str, SourceRule] = {
    "gate_pass": gate_pass.RULE,
    "hw_ledger": hw_ledger.RULE,
    "hw_licence_item": hw_licence_item.RULE,
    "monitor_factor": monitor_factor.RULE,
    "om_contract": om_contract.RULE,
    "param_accepted": param_log.RULE,
    "param_log": param_log.RULE,
    "penalty": penalty.RULE,
    "permit_limit": permit_limit.RULE,
}
NO_RULE = SourceRule()


def rule_of(dataset: str) -> SourceRule:
    """Rule of a dataset, an idle one where the table says everything."""
    return RULES.get(dataset, NO_RULE)
