// The heat map: period, scale with its unit, and the busiest grids.
"use strict";
gridwarden.heat = function (map, facts, panel) {
  const { make, say, number, choices } = gridwarden;
  const MOST_ROWS = 10;
  const surface = new gridwarden.Surface(facts.gradient);
  const newest = gridwarden.points(facts.points);
  const scale = make("div", { id: "scale" });
  const body = make("div", { id: "window" });
  let chosen = facts.windows[0];
  let level = facts.level;

  const days = () => say("days", { days: chosen.days });

  // What a click on a grid says: what it is, and how many issues it had.
  function popup(layer, row) {
    if (layer.name !== "grids") return gridwarden.popup(layer, row);
    const at = layer.columns;
    const counted = new Map(chosen.grids[at.level[row]].rows);
    const count = make("p", { className: "lead" }, make("b", {}, say("grid_count", { count: number(counted.get(at.code[row]) || 0), days: days() })));
    const [title, ...rest] = gridwarden.popup(layer, row).childNodes;
    return make("div", { className: "popup" }, title, count, ...rest);
  }

  // The scale is a square root: its middle stands for a quarter of its end.
  function paintScale() {
    if (!chosen.count) return scale.replaceChildren();
    const centre = map.getSize().divideBy(2);
    const metres = map.containerPointToLatLng(centre).distanceTo(map.containerPointToLatLng(centre.add([surface.REACH_PX, 0])));
    const stops = Object.entries(facts.gradient).sort(([a], [b]) => a - b).map(([share, colour]) => `${colour} ${share * 100}%`);
    const bar = make("div", { id: "heat-bar" });
    bar.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
    const tick = (value) => make("span", {}, number(Number(value.toFixed(value < 3 ? 1 : 0))));
    return scale.replaceChildren(bar, make("div", { className: "ends" }, tick(0), tick(surface.top / 4), tick(surface.top)),
      make("p", { className: "quiet" }, say("heat_unit", { metres: number(Number(metres.toPrecision(2))) })));
  }

  function table() {
    const { rows, outside } = chosen.grids[level];
    const most = rows.length ? rows[0][1] : 1;
    const lines = rows.slice(0, MOST_ROWS).map(([code, count]) => {
      const bar = make("i", { className: "bar" });
      bar.style.width = `${100 * count / most}%`;
      const name = facts.grids[code];
      const button = make("button", { type: "button", onclick: () => gridwarden.frame(code) }, name || code);
      return make("tr", {}, make("td", {}, button, " ", name ? make("small", {}, code) : null, bar), make("td", {}, number(count)));
    });
    const rest = outside ? make("p", { className: "quiet" }, say("no_cell", { count: number(outside) })) : null;
    return make("div", {}, make("table", { id: "busiest", className: "busiest" }, make("tbody", {}, ...lines)), rest);
  }

  function show() {
    surface.setPoints(newest.slice(0, chosen.drawn));
    const cut = chosen.drawn < chosen.count
      ? make("p", { className: "quiet" }, say("heat_cut", { shown: number(chosen.drawn), total: number(chosen.count) })) : null;
    const pick = make("select", { "aria-label": say("by_level"), onchange: () => { level = pick.value; show(); } },
      ...Object.entries(facts.levels).map(([name, title]) => make("option", { value: name, selected: name === level }, title)));
    body.replaceChildren(...[cut, make("label", { className: "row" }, make("b", {}, say("busiest")), pick), table()].filter(Boolean));
    count.replaceChildren(
      make("b", {}, chosen.count ? say("reported_count", { count: number(chosen.count) }) : say("heat_none")),
      make("span", { className: "quiet" }, say("in_window", { from_day: chosen.from, to_day: chosen.to })));
  }

  const draw = gridwarden.layers(map, facts.layers, popup);
  const count = make("p", { id: "reported" });
  const toggle = make("input", { type: "checkbox", checked: true });
  toggle.onchange = () => facts.layers.forEach((layer) => { layer.shown = toggle.checked; draw.refresh(layer); });
  panel.replaceChildren(
    make("div", { role: "group", "aria-label": say("window") },
      choices(facts.windows.map((one) => say("days", { days: one.days })), 0, (position) => { chosen = facts.windows[position]; show(); })),
    count, scale,
    make("p", { className: "quiet" }, say("heat_meaning")),
    make("label", { className: "row" }, toggle, say("outlines")),
    body);
  surface.on("painted", paintScale);
  surface.addTo(map);
  show();
};
