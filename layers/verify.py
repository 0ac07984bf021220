"""PostGIS as oracle: it recomputes every issue's grids and nearest street and lists what differs.

The answers it checks were found in memory; nothing here shares code with that.
"""

import pandas as pd
from sqlalchemy import text
from sqlalchemy.orm import Session

from gis_core.cells import EQUAL_M
from gis_core.city import City
from gis_core.errors import Conflict

COLUMNS = ("issue", "what", "stored", "expected", "stored_m", "expected_m")

_PREPARE = """
CREATE TEMPORARY TABLE verify_issue ON COMMIT DROP AS
    SELECT id, code, geom, ST_Transform(geom, :srid) AS metric, version, flags,
           (as_of AT TIME ZONE :zone)::date AS day,
           grid_1, grid_2, grid_3, grid_4, grid_5, grid_6, grid_distance_m, street, street_distance_m
    FROM issue;
CREATE TEMPORARY TABLE verify_grid ON COMMIT DROP AS
    SELECT code COLLATE "C" AS code, level, geom, ST_Transform(geom, :srid) AS metric,
           version_from, coalesce(version_to, 9223372036854775807) AS version_to,
           coalesce(valid_from, '-infinity') AS valid_from, coalesce(valid_to, 'infinity') AS valid_to
    FROM grid;
CREATE TEMPORARY TABLE verify_street ON COMMIT DROP AS
    SELECT code COLLATE "C" AS code, ST_Transform(geom, :srid) AS metric,
           version_from, coalesce(version_to, 9223372036854775807) AS version_to,
           coalesce(valid_from, '-infinity') AS valid_from, coalesce(valid_to, 'infinity') AS valid_to
    FROM street;
CREATE INDEX ON verify_issue USING gist (geom);
CREATE INDEX ON verify_grid USING gist (geom);
CREATE INDEX ON verify_grid USING gist (metric);
CREATE INDEX ON verify_street USING gist (metric);
ANALYZE verify_issue; ANALYZE verify_grid; ANALYZE verify_street;
"""

_HELD = """{row}.version_from <= i.version AND i.version < {row}.version_to
           AND i.day BETWEEN {row}.valid_from AND {row}.valid_to"""

# A covered point: the smallest code. An uncovered one: the smallest code among the nearest within the tolerance.
_GRIDS = """
WITH covering AS (
    SELECT i.id, min(g.code) AS code
    FROM verify_grid g JOIN verify_issue i ON ST_Covers(g.geom, i.geom) AND {held}
    WHERE g.level = :level GROUP BY i.id)
SELECT i.code AS issue, :level AS what, i.{column} AS stored, coalesce(covering.code, nearest.code) AS expected,
       NULL::float8 AS stored_m, nearest.metres AS expected_m
FROM verify_issue i
LEFT JOIN covering ON covering.id = i.id
LEFT JOIN LATERAL (
    SELECT min(near.code) AS code, min(near.metres) AS metres FROM (
        SELECT g.code, ST_Distance(g.metric, i.metric) AS metres,
               min(ST_Distance(g.metric, i.metric)) OVER () AS least
        FROM verify_grid g
        WHERE covering.code IS NULL AND g.level = :level AND {held}
          AND ST_DWithin(g.metric, i.metric, :tolerance_m + :equal_m)) near
    WHERE near.metres <= near.least + :equal_m) nearest ON true
WHERE i.flags NOT LIKE '%border_street%' AND i.{column} IS DISTINCT FROM coalesce(covering.code, nearest.code)
"""

_STREETS = """
SELECT i.code AS issue, 'street' AS what, i.street AS stored, near.code AS expected,
       i.street_distance_m AS stored_m, near.metres AS expected_m
FROM verify_issue i
LEFT JOIN LATERAL (
    SELECT s.code, s.metric <-> i.metric AS metres FROM verify_street s
    WHERE {held} ORDER BY s.metric <-> i.metric LIMIT 1) near ON near.metres <= :limit_m + :equal_m
LEFT JOIN LATERAL (
    SELECT ST_Distance(s.metric, i.metric) AS metres FROM verify_street s
    WHERE s.code = i.street AND {held}) own ON true
WHERE (i.street IS NULL) <> (near.code IS NULL)
   OR abs(i.street_distance_m - near.metres) > :equal_m
   OR abs(own.metres - near.metres) > :equal_m
   OR (i.street IS NOT NULL AND own.metres IS NULL)
"""


def verify(session: Session, city: City) -> pd.DataFrame:
    """Ask PostGIS for every issue's cell at each level and for its nearest street.

    Issues on a border street are left out of the grid part: there the street decides, not the polygon.

    Returns
    -------
    differences
        Columns :data:`COLUMNS`; empty when both agree.

    Raises
    ------
    Conflict
        When the store is not PostGIS.
    """
    if session.get_bind().dialect.name != "postgresql":
        raise Conflict("verify_needs_postgis")
    terms = {"srid": city.metric_srid, "zone": city.timezone, "equal_m": EQUAL_M}
    for statement in _PREPARE.split(";"):
        if statement.strip():
            session.execute(text(statement), terms)
    held = {row: _HELD.format(row=row) for row in ("g", "s")}
    frames = []
    for number, level in enumerate(city.levels, start=1):
        query = text(_GRIDS.format(column=f"grid_{number}", held=held["g"]))
        values = {**terms, "level": level.name, "tolerance_m": city.grid_tolerance_m}
        frames.append(pd.DataFrame(session.execute(query, values).mappings().all(), columns=list(COLUMNS)))
    query = text(_STREETS.format(held=held["s"]))
    found = session.execute(query, {**terms, "limit_m": city.street_limit_m}).mappings().all()
    frames.append(pd.DataFrame(found, columns=list(COLUMNS)))
    differing = [frame for frame in frames if len(frame)]
    return pd.concat(differing, ignore_index=True) if differing else frames[0]
