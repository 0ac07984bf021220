// The overview: layers with their legend, and popups that explain who answers and why.
"use strict";
gridwarden.overview = function (map, facts, panel) {
  const { make, say, number, choices } = gridwarden;
  const layers = facts.layers;
  const stacked = [...layers].sort((a, b) => Boolean(b.below) - Boolean(a.below));
  layers.forEach((layer) => {
    layer.filters.forEach((filter) => { filter.item = new Map(filter.items.map((item) => [item.value, item])); });
    layer.colouring = layer.filters[0];
    layer.group = L.featureGroup().bindPopup((feature) => gridwarden.popup(layer, feature.row), {
      maxWidth: 350, minWidth: Math.min(300, map.getSize().x - 110),
      autoPanPaddingTopLeft: gridwarden.clear.left, autoPanPaddingBottomRight: gridwarden.clear.right,
    });
    layer.group.addTo(map);
  });

  // The filters in use: the chosen colouring and every one that is no colouring.
  const inUse = (layer) => layer.filters.filter((filter) => !filter.choice || filter === layer.colouring);

  // Marks and streets are drawn smaller on a map of the whole city.
  let scale = 1;
  const scaleAt = (zoom) => (zoom < 11.5 ? 0.4 : zoom < 13 ? 0.6 : zoom < 14.5 ? 0.75 : 1);

  function style(layer, row) {
    const whole = Object.assign({}, ...inUse(layer).map((filter) => filter.item.get(layer.columns[filter.by][row]).style));
    if (whole.radius) whole.radius *= scale;
    if (layer.popup !== "grid") whole.weight *= scale;
    return whole;
  }

  function rescale() {
    if (scale === scaleAt(map.getZoom())) return;
    scale = scaleAt(map.getZoom());
    layers.forEach((layer) => (layer.features || []).forEach((drawn, row) => drawn.setStyle(style(layer, row))));
  }

  function feature(layer, row) {
    const drawn = layer.points
      ? L.circleMarker(layer.points[row], style(layer, row))
      : L.GeoJSON.geometryToLayer(gridwarden.shape(layer.shapes[row]), { ...style(layer, row), pointToLayer: (_, at) => L.circleMarker(at, style(layer, row)) });
    drawn.row = row;
    return drawn;
  }

  function visible(layer, row) {
    return inUse(layer).every((filter) => filter.item.get(layer.columns[filter.by][row]).shown);
  }

  function refresh(layer) {
    layer.group.clearLayers();
    layer.features ??= [];
    for (let row = layer.count - 1; row >= 0; row -= 1) {
      if (visible(layer, row)) layer.group.addLayer(layer.features[row] ??= feature(layer, row));
    }
    stacked.slice(stacked.indexOf(layer) + 1).forEach((above) => above.group.bringToFront());
  }

  const label = () => gridwarden.label(map, layers, visible);

  function recolour(layer, filter) {
    layer.colouring = filter;
    layer.features = [];
    refresh(layer);
    label();
  }

  function row(layer, item) {
    const box = make("input", { type: "checkbox", checked: item.shown });
    box.onchange = () => { item.shown = box.checked; refresh(layer); label(); };
    return make("label", { className: "row" }, box, gridwarden.swatch(item),
      make("span", { className: "name" }, item.label), make("span", { className: "count" }, number(item.count)));
  }

  function section(title, count, layersOfIt) {
    const rows = layersOfIt.flatMap((layer) => {
      const colourings = layer.filters.filter((filter) => filter.choice);
      if (!colourings.length) return layer.filters[0].items.map((item) => row(layer, item));
      const colours = make("div");
      const paint = () => colours.replaceChildren(...layer.colouring.items.map((item) => row(layer, item)));
      paint();
      const pick = choices(colourings.map((filter) => filter.title), 0, (position) => { recolour(layer, colourings[position]); paint(); });
      const rest = layer.filters.filter((filter) => !filter.choice);
      return [make("div", { className: "quiet" }, say("colour_by")), pick, colours,
        ...rest.flatMap((filter) => [make("div", { className: "quiet" }, filter.title), ...filter.items.map((item) => row(layer, item))])];
    });
    const content = rows.length ? rows : [make("p", { className: "quiet" }, say("nothing"))];
    return make("fieldset", {}, make("legend", {}, title, make("span", { className: "count" }, number(count))), ...content);
  }

  const sections = new Map();
  [...layers].reverse().forEach((layer) => sections.set(layer.title, [layer, ...(sections.get(layer.title) || [])]));
  panel.replaceChildren(...[...sections].map(([title, parts]) =>
    section(title, parts.reduce((sum, layer) => sum + layer.count, 0), parts)));
  rescale();
  stacked.forEach(refresh);
  map.on("zoomend", rescale);
  label();
  map.on("moveend", label);
};

// A sample of how an item is drawn.
gridwarden.swatch = function (item) {
  const mark = document.createElement("i");
  const { style, swatch } = item;
  if (swatch === "line") {
    Object.assign(mark.style, { width: "24px", borderTop: `${style.weight}px ${style.dashArray ? "dashed" : "solid"} ${style.color}` });
  } else if (swatch === "area") {
    Object.assign(mark.style, { width: "18px", height: "11px", position: "relative", border: `${Math.max(style.weight, 1)}px solid ${style.color}` });
    const fill = document.createElement("i");
    Object.assign(fill.style, { width: "100%", height: "100%", background: style.fillColor || style.color, opacity: style.fillOpacity });
    mark.append(fill);
  } else {
    const colour = style.fillOpacity === 0 || !style.fillColor ? "#444" : style.fillColor;
    const size = `${2 * Math.max(style.radius || 5, 3.5)}px`;
    Object.assign(mark.style, { width: size, height: size, borderRadius: "50%" });
    mark.style.border = style.fillOpacity === 0 ? `1.5px solid ${colour}` : "none";
    mark.style.background = style.fillOpacity === 0 ? "none" : colour;
  }
  return gridwarden.make("span", { className: "swatch", "aria-hidden": "true" }, mark);
};
