// The heat map: period, scale with its unit, and the busiest grids.
"use strict";
gridwarden.heat = function (map, facts, panel) {
  const { make, say, number, choices } = gridwarden;
  const heat = window[facts.heat];
  const newest = heat._latlngs;
  const outlines = L.featureGroup(facts.outlines.map((shape) => L.GeoJSON.geometryToLayer(gridwarden.shape(shape), {
    color: "#3d5a80", weight: 0.6, opacity: 0.35, fill: false, interactive: false,
  })));
  const scale = make("p", { className: "quiet", id: "unit" });
  const body = make("div", { id: "window" });
  let chosen = facts.windows[0];
  let level = facts.level;

  function legend() {
    const stops = Object.entries(facts.gradient).sort(([a], [b]) => a - b).map(([share, colour]) => `${colour} ${share * 100}%`);
    const bar = make("div", { id: "heat-bar" });
    bar.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
    const ends = make("div", { className: "ends" }, make("span", {}, say("few")), make("span", {}, say("many")));
    return make("div", {}, bar, ends, scale, make("p", { className: "quiet" }, say("heat_meaning")));
  }

  // The strongest colour stands for the fullest cell the plugin counted at this zoom.
  function unit() {
    const side = map.getSize().divideBy(2);
    const metres = map.containerPointToLatLng(side).distanceTo(map.containerPointToLatLng(side.add([facts.reach_px / 4, 0])));
    const rounded = Number(metres.toPrecision(1));
    const counted = chosen.count && map.hasLayer(heat) && heat._max;
    scale.textContent = counted ? say("heat_unit", { count: number(Math.round(heat._max)), metres: number(rounded) }) : "";
  }

  function table() {
    const { rows, outside } = chosen.busiest[level];
    const lines = rows.map(([code, name, count, box]) => make("tr", {},
      make("td", {},
        make("button", { type: "button", onclick: () => box && map.fitBounds([[box[1], box[0]], [box[3], box[2]]], { maxZoom: 17 }) }, name || code),
        name ? make("small", {}, code) : null),
      make("td", {}, number(count))));
    const rest = outside ? make("p", { className: "quiet" }, say("no_cell", { count: number(outside) })) : null;
    return make("div", {}, make("table", { id: "busiest" }, make("tbody", {}, ...lines)), rest);
  }

  function show() {
    heat.setLatLngs(newest.slice(0, chosen.drawn));
    const cut = chosen.drawn < chosen.count
      ? make("p", { className: "quiet" }, say("heat_cut", { shown: number(chosen.drawn), total: number(chosen.count) })) : null;
    const pick = make("select", { "aria-label": say("by_level"), onchange: () => { level = pick.value; show(); } },
      ...facts.levels.map(([name, title]) => make("option", { value: name, selected: name === level }, title)));
    body.replaceChildren(
      make("p", {}, make("b", {}, chosen.count ? say("reported_count", { count: number(chosen.count) }) : say("heat_none")),
        make("span", { className: "quiet" }, " " + say("in_window", { from_day: chosen.from, to_day: chosen.to }))),
      ...[cut, make("label", { className: "row" }, make("b", {}, say("busiest")), pick), table()].filter(Boolean));
    window.setTimeout(unit, 100);
  }

  const toggle = make("input", { type: "checkbox", checked: true });
  toggle.onchange = () => (toggle.checked ? outlines.addTo(map) : outlines.remove());
  panel.replaceChildren(
    make("div", { role: "group", "aria-label": say("window") },
      choices(facts.windows.map((one) => say("days", { days: one.days })), 0, (position) => { chosen = facts.windows[position]; show(); })),
    legend(),
    make("label", { className: "row" }, toggle, say("outlines", { level: facts.levels[facts.levels.length - 1][1] })),
    body);
  outlines.addTo(map);
  map.on("moveend", () => window.setTimeout(unit, 100));
  show();
};
