// Where things lie: distances, directions, and a small drawing of the round from its own geometry, without a map.
"use strict";
gridwarden.phoneSketch = (function () {
  const METRES = 111195, SIDE = 320, EDGE = 22, MANY = 25, SVG = "http://www.w3.org/2000/svg";
  const radians = (degrees) => degrees * Math.PI / 180;

  // Metres east and north from one [longitude, latitude] to another, near enough within a city.
  function between([west, south], [east, north]) {
    return [(east - west) * Math.cos(radians((south + north) / 2)) * METRES, (north - south) * METRES];
  }

  function distance_m(from, to) {
    return Math.hypot(...between(from, to));
  }

  // One of eight, from north clockwise; null where the two are one place.
  function direction(from, to) {
    const [east, north] = between(from, to);
    if (Math.hypot(east, north) < 5) return null;
    return Math.round((Math.atan2(east, north) * 4) / Math.PI + 8) % 8;
  }

  function drawn(tag, attributes, text) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text !== undefined) element.textContent = text;
    return element;
  }

  // The round in its order; what is told is pale, what is next stands out.
  function sketch(lines, stops, title) {
    const small = stops.length > MANY;
    const all = [...lines.flat(), ...stops.map((stop) => stop.at)];
    if (all.length < 2) return null;
    const moved = all.map((at) => between(all[0], at));
    const bounds = [0, 1].map((axis) => [Math.min(...moved.map((at) => at[axis])), Math.max(...moved.map((at) => at[axis]))]);
    const wide = Math.max(bounds[0][1] - bounds[0][0], 1), high = Math.max(bounds[1][1] - bounds[1][0], 1);
    const scale = (SIDE - 2 * EDGE) / Math.max(wide, high / 1.1);
    const height = Math.max(high * scale, 40) + 2 * EDGE;
    const placed = (at) => {
      const [x, y] = between(all[0], at);
      return [EDGE + (SIDE - 2 * EDGE - wide * scale) / 2 + (x - bounds[0][0]) * scale, height - EDGE - (y - bounds[1][0]) * scale];
    };
    const picture = drawn("svg", { viewBox: `0 0 ${SIDE} ${height.toFixed(0)}`, role: "img", "aria-label": title });
    for (const line of lines) {
      picture.append(drawn("polyline", { points: line.map((at) => placed(at).map((value) => value.toFixed(1)).join(",")).join(" "), class: "way" }));
    }
    for (const stop of [...stops].sort((one, other) => (one.state === "next") - (other.state === "next"))) {
      const [x, y] = placed(stop.at).map((value) => value.toFixed(1));
      picture.append(drawn("circle", { cx: x, cy: y, r: stop.state === "next" ? 13 : small ? 7.5 : 10, class: `dot ${stop.state}` }));
      picture.append(drawn("text", { x, y, dy: "0.36em", class: `order ${stop.state} ${small ? "small" : ""}` }, stop.label));
    }
    return picture;
  }

  return { distance_m, direction, sketch };
})();
