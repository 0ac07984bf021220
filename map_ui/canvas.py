"""The empty map that every page begins with."""

import folium
from branca.element import Figure

MAX_ZOOM = 19


def empty_map(page: str) -> tuple[Figure, folium.Map]:
    """An empty folium map, rendered; its fixed id makes equal pages equal bytes."""
    figure = Figure()
    canvas = folium.Map(
        location=[0.0, 0.0],
        tiles=None,
        prefer_canvas=True,
        maxZoom=MAX_ZOOM,
        zoomSnap=0.25,
        attributionControl=False,
    )
    canvas._id = page
    canvas.add_to(figure)
    canvas.render()  # type: ignore[no-untyped-call]
    return figure, canvas
