// Names on a map, where there is room: the most important first, the same one never twice in a neighbourhood.
"use strict";
gridwarden.label = function (map, layers, visible) {
  const MOST = 70;
  const APART_PX = 420;
  const CLASSES = { market: 13, area: 12, line: 12, depth0: 17, depth1: 14, depth2: 12.5, depth3: 11.5, depth4: 11.5, depth5: 11.5 };
  const zoom = map.getZoom();
  const view = map.getBounds();
  const size = map.getSize();
  const taken = [];
  const named = new Map();
  const labels = map.labels ??= L.layerGroup().addTo(map);
  labels.clearLayers();

  const pixel = (at) => map.latLngToContainerPoint(at);
  const width = (text, font) => [...text].reduce((sum, sign) => sum + (sign > "\u2e80" ? 1.08 : 0.6) * font, 8);

  // The box that a text turned by an angle fills.
  function boxOf(at, long, high, angle) {
    const [cos, sin] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))];
    const [x, y] = [(long * cos + high * sin) / 2, (long * sin + high * cos) / 2];
    return [at.x - x, at.y - y, at.x + x, at.y + y];
  }

  function free(box) {
    if (box[0] < 0 || box[1] < 0 || box[2] > size.x || box[3] > size.y) return false;
    return !taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]);
  }

  // Where the name of a line may stand: the middle of what is seen of its longest part, turned like the line there.
  function alongLine(drawn, long) {
    const parts = drawn.getLatLngs();
    const line = Array.isArray(parts[0]) ? parts.reduce((a, b) => (b.length > a.length ? b : a)) : parts;
    const seen = line.map(pixel).filter((at) => at.x > 0 && at.y > 0 && at.x < size.x && at.y < size.y);
    if (seen.length < 2 || seen[0].distanceTo(seen[seen.length - 1]) < long) return null;
    const middle = Math.floor((seen.length - 1) / 2);
    const [a, b] = [seen[middle], seen[middle + 1]];
    const angle = Math.atan2(b.y - a.y, b.x - a.x);
    return { at: a.add(b).divideBy(2), angle: Math.abs(angle) > Math.PI / 2 ? angle - Math.sign(angle) * Math.PI : angle };
  }

  // An area is named in its middle when it is wider than the name and smaller than the view.
  function insideArea(drawn, long) {
    const box = drawn.getBounds();
    const extent = pixel(box.getSouthEast()).subtract(pixel(box.getNorthWest()));
    if (extent.x < long || extent.y < 14 || Math.min(extent.x, extent.y) > Math.max(size.x, size.y)) return null;
    return { at: pixel(box.getCenter()), angle: 0 };
  }

  // A point, or an area too small to hold a name, is named above.
  function above(drawn) {
    if (drawn.getLatLng) return pixel(drawn.getLatLng()).add([0, -13]);
    const box = drawn.getBounds();
    return L.point(pixel(box.getCenter()).x, pixel(box.getNorthWest()).y - 9);
  }

  function put(layer, row, className) {
    const drawn = layer.features[row];
    const text = layer.columns.name[row];
    if (!drawn || !text || taken.length >= MOST) return;
    if (drawn.getLatLng ? !view.contains(drawn.getLatLng()) : !view.intersects(drawn.getBounds())) return;
    const font = CLASSES[className];
    const long = width(text, font);
    let place;
    if (layer.label === "line") place = alongLine(drawn, long);
    else if (className === "market" || drawn.getLatLng) place = { at: above(drawn), angle: 0 };
    else place = insideArea(drawn, long);
    if (!place || (named.get(text) || []).some((other) => other.distanceTo(place.at) < APART_PX)) return;
    const box = boxOf(place.at, long, font + 4, place.angle);
    if (!free(box)) return;
    taken.push(box);
    named.set(text, [...(named.get(text) || []), place.at]);
    // Steep Chinese names are written from the top down, sign by sign.
    const steep = Math.abs(place.angle) > Math.PI / 4;
    const turn = steep ? place.angle - Math.sign(place.angle) * Math.PI / 2 : place.angle;
    const element = gridwarden.make("div", { className: `label ${className}${steep ? " steep" : ""}` }, text);
    element.style.transform = `translate(-50%, -50%) rotate(${turn.toFixed(3)}rad)`;
    const icon = L.divIcon({ html: element, className: "", iconSize: [0, 0] });
    labels.addLayer(L.marker(map.containerPointToLatLng(place.at), { icon, interactive: false, keyboard: false }));
  }

  const isClass = (name) => (layer, row) => layer.columns.class[row] === name;
  const isGroup = (name) => (layer, row) => layer.columns.group[row] === name;
  const isPoint = (layer, row) => Boolean(layer.features[row]?.getLatLng);
  const depths = [...new Set(layers.map((layer) => layer.depth))].filter((depth) => depth !== undefined);
  const level = (depth) => ["grids", `depth${depth}`, 0, (layer) => layer.depth === depth];
  const wanted = [
    ...depths.slice(0, 2).map(level),
    ["streets", "line", 0, isClass("arterial")],
    ["places", "market", 13, isGroup("market")],
    ["streets", "line", 14.5, isClass("secondary")],
    ...depths.slice(2, -1).map(level),
    ["places", "area", 14.5, (layer, row) => !isPoint(layer, row)],
    ...depths.slice(2).map(level),
    ["streets", "line", 16, () => true],
    ["places", "area", 16.5, (layer, row) => isPoint(layer, row) && !isGroup("shop")(layer, row)],
    ["places", "area", 18, () => true],
  ];
  for (const [name, className, from, fits] of wanted.filter((rule) => zoom >= rule[2])) {
    for (const layer of layers.filter((one) => one.name === name)) {
      for (let row = 0; row < layer.count; row += 1) {
        if (fits(layer, row) && visible(layer, row)) put(layer, row, className);
      }
    }
  }
};
