"""Files in: recognised by what they contain, never by what they are called."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from gis_core.errors import InvalidInput, NotFound
from layers.archives import LIMITS, Limits, opened
from layers.encodings import detect
from layers.gdal import open_geopackage, open_shapefile, open_zipped_shapefile
from layers.opened import Opened
from layers.tabular import is_csv, open_csv, open_geojson, open_parquet, open_xlsx

_HEAD_BYTES = 4096
_SHAPEFILE = (9994).to_bytes(4, "big")
_GEOPACKAGE_IDS = (b"GPKG", b"GP10", b"GP11")
