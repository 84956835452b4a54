"""How many clusters have how many records, found and in truth."""

import polars as pl

# Larger ones are counted together.
LARGEST = 12


def size_counts(labels: pl.Series) -> dict[str, int]:
    """Clusters by number of records, ``"1"`` to ``"12+"``, those of none with 0."""
    sizes = labels.value_counts(name="size")["size"].clip(upper_bound=LARGEST)
    counted = dict(sizes.value_counts(name="clusters").iter_rows())
    return {
        f"{size}{'+' if size == LARGEST else ''}": int(counted.get(size, 0))
        for size in range(1, LARGEST + 1)
    }
