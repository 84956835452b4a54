"""运维合同: a list of points in one cell is one record for each point."""

from ingest.sources.rule import SourceRule

RULE = SourceRule(split="mn")
