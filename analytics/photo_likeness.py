"""Photos that bodies of a ring show as taken at different jobs: one file, or one picture.

Photos are delivered as rows with a file hash and a perceptual hash of 64 bits, never as files; a
row without both says nothing. Bodies number their reports alike: a photo without its body belongs
to a number of one body only. One file, or one hash, at two bodies is a likeness unless both were
at one place on one day. Hashes that differ in a few bits (TP-03) are one only when the places are
known and differ: an outlet looks the same on any day. A hash with hardly a bit set or missing is
that of an empty picture, and one that more other bodies have than bodies of the ring is a stock
picture.
"""

import duckdb
import numpy as np
import polars as pl

from analytics.kernels.near_hashes import near_pairs
from analytics.likeness_rows import EMPTY_FILE, PAIRED, Likeness, LikenessRules, paired

# Bits set in the hash of a real picture; a plain surface has next to none, or all.
LEAST_BITS = 8
PHOTOS = """
CREATE OR REPLACE TEMP TABLE ring_photo AS
WITH report AS (
    SELECT *, count(*) OVER (PARTITION BY report_no) AS bodies FROM (
        SELECT DISTINCT ON (report_no, body_uscc) report_no, body_uscc, tester_entity,
            coalesce(site_entity, client_entity) AS site, sampled_on
        FROM test_report_linked ORDER BY report_no, body_uscc, batch, row, part)
), photo AS (
    SELECT DISTINCT ON (p.batch, p.row, p.part) coalesce(p.tester_entity, r.tester_entity) AS body,
        r.site, coalesce(r.sampled_on, CAST(p.exif_at + INTERVAL 8 HOUR AS DATE)) AS day,
        nullif(lower(trim(p.file_sha256)), $empty) AS sha,
        nullif(lower(trim(p.phash)), '') AS phash,
        coalesce(p.exif_at, p.uploaded_at, CAST(r.sampled_on AS TIMESTAMP)) AS at,
        p.batch, p.row, p.part, p.photo_id AS key
    FROM test_photo_linked p LEFT JOIN report r ON r.report_no = p.report_no
        AND (r.body_uscc = p.body_uscc OR r.tester_entity = p.tester_entity
            OR (coalesce(p.body_uscc, p.tester_entity) IS NULL AND r.bodies = 1))
    ORDER BY p.batch, p.row, p.part, r.body_uscc
)
SELECT g.ring, p.*, CASE WHEN regexp_full_match(phash, '[0-9a-f]{16}')
    THEN CAST('0x' || phash AS UBIGINT) END AS bits
FROM photo p LEFT JOIN ring_given g USING (body)
WHERE p.body IS NOT NULL AND coalesce(p.at >= $since, true) AND coalesce(p.at < $until, true)
"""
HASHES = """
SELECT ring, body, bits FROM ring_photo
WHERE ring IS NOT NULL AND bits IS NOT NULL AND bit_count(bits) BETWEEN $least AND 64 - $least
GROUP BY ALL ORDER BY ALL
"""
# ``near_hash`` pairs hashes of one ring, equal ones left out.
MARKS = f"""
WITH marked AS (
    SELECT ring, body, site, day, batch, row, part, key, unnest([
        'f' || nullif(sha, ''),
        CASE WHEN bits IS NULL OR bit_count(bits) BETWEEN $least AND 64 - $least
            THEN 'p' || phash END]) AS mark
    FROM ring_photo
), rare AS (
    SELECT ring, mark FROM (
        SELECT mark, count(DISTINCT body) AS bodies FROM marked WHERE mark IS NOT NULL GROUP BY mark
    ) JOIN marked USING (mark) WHERE ring IS NOT NULL
    GROUP BY ALL HAVING count(DISTINCT body) * 2 >= any_value(bodies)
), same AS (
    SELECT DISTINCT a.ring, a.batch AS batch_a, a.row AS row_a, a.part AS part_a,
        b.batch AS batch_b, b.row AS row_b, b.part AS part_b
    FROM marked a JOIN marked b ON a.ring = b.ring AND a.body < b.body AND a.mark = b.mark
        AND coalesce(a.site <> b.site OR a.day <> b.day, true)
    JOIN rare r ON r.ring = a.ring AND r.mark = a.mark
    UNION
    SELECT a.ring, a.batch, a.row, a.part, b.batch, b.row, b.part
    FROM near_hash n JOIN ring_photo a ON a.ring = n.ring AND a.bits = n.bits_a
    JOIN ring_photo b ON b.ring = n.ring AND b.bits = n.bits_b AND a.body < b.body
    JOIN rare ra ON ra.ring = n.ring AND ra.mark = 'p' || a.phash
    JOIN rare rb ON rb.ring = n.ring AND rb.mark = 'p' || b.phash
    WHERE a.site <> b.site
)
{
    PAIRED.format(
        pairs="same s JOIN ring_photo a ON a.batch = s.batch_a AND a.row = s.row_a"
        " AND a.part = s.part_a JOIN ring_photo b ON b.batch = s.batch_b AND b.row = s.row_b"
        " AND b.part = s.part_b"
    )
}
"""


def photo_likenesses(sql: duckdb.DuckDBPyConnection, rules: LikenessRules) -> list[Likeness]:
    """Pairs of photos of different bodies of a ring, from ``ring_given``."""
    sql.execute(PHOTOS, {"since": rules.since, "until": rules.until, "empty": EMPTY_FILE})
    hashes = sql.sql(HASHES, params={"least": LEAST_BITS}).pl()
    near = _near(hashes, rules.photo_bits)
    sql.register("near_hash", near.to_arrow())
    values = {"least": LEAST_BITS, "shown": rules.rows_shown}
    found = paired(sql.sql(MARKS, params=values).pl(), "test_photo", "photo")
    sql.unregister("near_hash")
    sql.execute("DROP TABLE ring_photo")
    return found


def _near(hashes: pl.DataFrame, distance: int) -> pl.DataFrame:
    """Different hashes of one ring that are near, both ways: ring, bits_a, bits_b."""
    found: list[pl.DataFrame] = []
    for own in hashes.partition_by("ring", maintain_order=True):
        bits = own["bits"].to_numpy()
        owner = np.unique(own["body"].to_list(), return_inverse=True)[1].astype(np.int64)
        first, second = near_pairs(bits, owner, distance)
        ends = np.concatenate((first, second)), np.concatenate((second, first))
        found.append(
            pl.DataFrame(
                {"ring": np.full(ends[0].size, own["ring"][0]), "bits_a": bits[ends[0]],
                 "bits_b": bits[ends[1]]}
            ).filter(pl.col("bits_a") != pl.col("bits_b"))
        )  # fmt: skip
    schema = {"ring": pl.Int64, "bits_a": pl.UInt64, "bits_b": pl.UInt64}
    return pl.concat([pl.DataFrame(schema=schema), *found]).unique().sort(pl.all())
