"""Compiled joins: points against polygons and lines, over plain arrays.

The indexes here cost seconds to build and answer a point in tens of nanoseconds. Their answers are those of
:mod:`gis_core.cells`, which builds nothing of them until enough points come to pay for it.
"""
