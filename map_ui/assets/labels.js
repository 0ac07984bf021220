// Names on the map, where there is room: markets, grids from the top down, main streets.
"use strict";
gridwarden.label = function (map, layers, visible) {
  const MOST = 60;
  const view = map.getBounds();
  const size = map.getSize();
  const taken = [];
  gridwarden.labels ??= L.layerGroup().addTo(map);
  gridwarden.labels.clearLayers();

  const width = (text) => [...text].reduce((sum, sign) => sum + (sign > "\u2e80" ? 13 : 7), 8);

  function free(at, text) {
    const half = width(text) / 2;
    const box = [at.x - half, at.y - 8, at.x + half, at.y + 8];
    if (box[0] < 0 || box[1] < 0 || box[2] > size.x || box[3] > size.y) return false;
    if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) return false;
    taken.push(box);
    return true;
  }

  // Where a name may stand: the middle of an area, the middle vertex of a line's longest part.
  function anchor(layer, drawn) {
    if (drawn.getLatLng) return drawn.getLatLng();
    if (layer.label === "area") return drawn.getBounds().getCenter();
    const parts = drawn.getLatLngs();
    const line = Array.isArray(parts[0]) ? parts.reduce((a, b) => (b.length > a.length ? b : a)) : parts;
    const middle = (line.length - 1) / 2;
    const [a, b] = [line[Math.floor(middle)], line[Math.ceil(middle)]];
    return L.latLng((a.lat + b.lat) / 2, (a.lng + b.lng) / 2);
  }

  // An area is named when it is wider than its name and smaller than the view, a line when it is longer than its name.
  function roomy(drawn, text) {
    if (drawn.getLatLng) return true;
    const box = drawn.getBounds();
    const extent = map.latLngToContainerPoint(box.getSouthEast()).subtract(map.latLngToContainerPoint(box.getNorthWest()));
    return Math.max(extent.x, extent.y) > width(text) * 1.15 && Math.min(extent.x, extent.y) < Math.max(size.x, size.y);
  }

  function put(layer, row, className) {
    const drawn = layer.features[row];
    const text = layer.columns.name[row];
    if (!drawn || !text || taken.length >= MOST) return;
    if (drawn.getLatLng ? !view.contains(drawn.getLatLng()) : !view.intersects(drawn.getBounds())) return;
    const at = anchor(layer, drawn);
    const point = map.latLngToContainerPoint(at).add(drawn.getLatLng ? [0, -14] : [0, 0]);
    if (!roomy(drawn, text) || !free(point, text)) return;
    const half = width(text) / 2;
    const element = gridwarden.make("div", { className: `label ${className}` }, text);
    const icon = L.divIcon({ html: element, className: "", iconSize: [2 * half, 14] });
    gridwarden.labels.addLayer(L.marker(map.containerPointToLatLng(point), { icon, interactive: false, keyboard: false }));
  }

  const wanted = [
    ["place", "market", (layer, row) => map.getZoom() >= 13 && layer.columns.group[row] === "market"],
    ["grid", "level", () => true],
    ["street", "", (layer, row) => layer.columns.class[row] === "arterial"],
    ["place", "", (layer, row) => map.getZoom() >= 15.5 && layer.columns.group[row] !== "market" && layer.columns.group[row] !== "shop"],
    ["street", "", (layer, row) => map.getZoom() >= 14.5 && layer.columns.class[row] !== "arterial"],
  ];
  for (const [kind, className, fits] of wanted) {
    for (const layer of layers.filter((one) => one.popup === kind && one.features)) {
      for (let row = 0; row < layer.count; row += 1) {
        if (fits(layer, row) && visible(layer, row)) put(layer, row, className);
      }
    }
  }
};
