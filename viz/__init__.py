"""Networks, figures, timelines and briefings."""
