"""Names put together from their parts, as registered or as somebody writes them."""

import polars as pl

# How the parts stand: region first, region in brackets after 字号, or after the industry words.
REGION_FIRST, REGION_AFTER_BRAND, REGION_AFTER_INDUSTRY = range(3)
PARTS = ("region", "brand", "industry", "number", "suffix", "tail", "layout")


def composed() -> pl.Expr:
    """Full name out of the columns of :data:`PARTS`; empty parts leave no trace."""
    region, brand, industry = pl.col("region"), pl.col("brand"), pl.col("industry")
    bracketed = pl.when(region == "").then(pl.lit("")).otherwise("(" + region + ")")
    head = (
        pl.when(pl.col("layout") == REGION_AFTER_BRAND).then(brand + bracketed + industry)
        .when(pl.col("layout") == REGION_AFTER_INDUSTRY).then(brand + industry + bracketed)
        .otherwise(region + brand + industry)
    )  # fmt: skip
    return head + pl.col("number") + pl.col("suffix") + pl.col("tail")


def brand_start() -> pl.Expr:
    """Place of the first character of 字号 in the full name."""
    first = pl.col("layout") == REGION_FIRST
    return pl.when(first).then(pl.col("region").str.len_chars()).otherwise(0).cast(pl.Int64)


def trunk() -> pl.Expr:
    """字号, industry words and number: what tells firms of one city apart."""
    return pl.col("brand") + pl.col("industry") + pl.col("number")
