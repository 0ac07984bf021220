// Layers of features: which rows are shown, how they look, and drawn only once they are shown.
"use strict";
gridwarden.layers = function (map, layers, popup) {
  // What lies below comes first; the lowest grids are above their elders so that a click meets them.
  const stacked = [...layers].sort((a, b) => Boolean(b.below) - Boolean(a.below));

  layers.forEach((layer) => {
    Object.keys(layer.columns).forEach((name) => { layer.columns[name] = gridwarden.column(layer.columns[name]); });
    if (layer.points) layer.points = gridwarden.points(layer.points);
    layer.filters.forEach((filter) => { filter.item = new Map(filter.items.map((item) => [item.value, item])); });
    layer.colouring = layer.filters[0];
    layer.features = [];
    layer.group = L.featureGroup().bindPopup((feature) => popup(layer, feature.row), {
      maxWidth: Math.min(350, map.getSize().x - 110), minWidth: Math.min(300, map.getSize().x - 110),
      autoPanPaddingTopLeft: gridwarden.clear.left, autoPanPaddingBottomRight: gridwarden.clear.right,
    });
    layer.group.addTo(map);
  });

  // The filters in use: the chosen colouring and every one that is no colouring.
  const inUse = (layer) => layer.filters.filter((filter) => !filter.choice || filter === layer.colouring);
  const itemOf = (layer, filter, row) => filter.item.get(layer.columns[filter.by][row]);
  const visible = (layer, row) => layer.shown && inUse(layer).every((filter) => itemOf(layer, filter, row).shown);

  // How many rows each legend item stands for, given what the other filters hide.
  function counts(layer) {
    const filters = inUse(layer);
    const found = new Map(filters.flatMap((filter) => filter.items.map((item) => [item, 0])));
    for (let row = 0; row < layer.count; row += 1) {
      const items = filters.map((filter) => itemOf(layer, filter, row));
      const hidden = items.filter((item) => !item.shown);
      if (!hidden.length) items.forEach((item) => found.set(item, found.get(item) + 1));
      else if (hidden.length === 1) found.set(hidden[0], found.get(hidden[0]) + 1);
    }
    return found;
  }

  // Marks and streets are drawn smaller on a map of the whole city, issues never too small to hit.
  const scaleAt = (zoom) => (zoom < 11.5 ? 0.4 : zoom < 13 ? 0.6 : zoom < 14.5 ? 0.75 : 1);
  let scale = scaleAt(map.getZoom());

  function style(layer, row) {
    const whole = Object.assign({}, ...inUse(layer).map((filter) => itemOf(layer, filter, row).style));
    if (whole.radius) whole.radius *= layer.name === "issues" ? Math.max(scale, 0.75) : scale;
    if (layer.name !== "grids") whole.weight *= scale;
    return whole;
  }

  function feature(layer, row) {
    const look = style(layer, row);
    const drawn = layer.points
      ? L.circleMarker(layer.points[row], look)
      : L.GeoJSON.geometryToLayer(gridwarden.shape(layer.shapes[row]), { ...look, pointToLayer: (_, at) => L.circleMarker(at, look) });
    drawn.row = row;
    return drawn;
  }

  function refresh(layer) {
    layer.group.clearLayers();
    // The first row is the most important one and is drawn last.
    for (let row = layer.count - 1; row >= 0; row -= 1) {
      if (visible(layer, row)) layer.group.addLayer(layer.features[row] ??= feature(layer, row));
    }
    stacked.slice(stacked.indexOf(layer) + 1).forEach((above) => above.group.bringToFront());
    label();
  }

  function recolour(layer, filter) {
    layer.colouring = filter;
    layer.features = [];
    refresh(layer);
  }

  function rescale() {
    if (scale === scaleAt(map.getZoom())) return;
    scale = scaleAt(map.getZoom());
    layers.forEach((layer) => layer.features.forEach((drawn, row) => drawn.setStyle(style(layer, row))));
  }

  // Shows a feature and opens its popup, as a click on it does.
  function find(layer, row) {
    if (!layer.shown) { layer.shown = true; refresh(layer); }
    const drawn = L.GeoJSON.geometryToLayer(gridwarden.shape(layer.shapes[row]));
    const bounds = drawn.getBounds ? drawn.getBounds() : L.latLngBounds([drawn.getLatLng()]);
    gridwarden.show(bounds, { maxZoom: 18, animate: false });
    layer.features[row]?.fire("click", { latlng: bounds.getCenter() }, true);
  }

  let waiting = 0;
  const named = [map];
  function label() {
    // Many layers change at once; names are placed when all have.
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => named.forEach((one) => gridwarden.label(one, layers, visible)));
  }

  // A second map of the same place has the same names.
  function nameAlso(other) {
    named.push(other);
    other.on("moveend", label);
    label();
  }

  stacked.forEach(refresh);
  map.on("zoomend", rescale);
  map.on("moveend", label);
  return { counts, find, inUse, nameAlso, recolour, refresh };
};
