// Front doors: how much is signed, which streets have most violations, and one street's two sides unrolled.
"use strict";
gridwarden.doors = function (map, facts, panel) {
  const { make, say, number, choices } = gridwarden;
  const MOST_ROWS = 12;
  const strips = facts.layers.find((layer) => layer.name === "frontages");
  const draw = gridwarden.layers(map, facts.layers, gridwarden.popup);
  const chart = make("div", { id: "chart" });
  const table = make("div");
  let order = "rate";

  const share = (part, whole) => (whole ? `${Math.round(100 * part / whole)} %` : "–");
  const kilometres = (metres) => say("kilometres", { value: number(Number((metres / 1000).toFixed(1))) });

  function totals() {
    const { shops, signed_shops, violations, signed, unsigned, blank } = facts.totals;
    const before = signed + unsigned;
    return make("div", {},
      make("p", { className: "figure" }, make("b", {}, share(signed_shops, shops)), " ", say("shops_signed", { signed: number(signed_shops), shops: number(shops) })),
      make("p", { className: "figure" }, make("b", {}, share(signed, before)), " ", say("kerb_signed", { metres: kilometres(before) })),
      make("p", { className: "quiet" }, say("kerb_blank", { metres: kilometres(blank) })),
      make("p", { className: "quiet" }, say("violations_in", { count: number(violations), days: facts.window })));
  }

  // Both sides of a street, drawn from its beginning to its end; the higher a bar, the more violations.
  function unroll(street) {
    const [code, name, signedShare, , , rate, low, high] = street;
    const parts = facts.parts[code] || [];
    const WIDTH = 264, BAND = 14, HIGH = 26;
    const end = Math.max(1, ...parts.map((part) => part[3]));
    const svg = (tag, properties) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
      Object.entries(properties).forEach(([key, value]) => element.setAttribute(key, value));
      return element;
    };
    const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${2 * (BAND + HIGH) + 10}`, width: WIDTH, role: "group", "aria-label": say("unrolled", { name }) });
    const most = Math.max(3, ...parts.map((part) => part[4]));
    parts.forEach(([row, left, from, to, count]) => {
      const at = (name) => strips.columns[name][row];
      const x = WIDTH * from / end, width = Math.max(1, WIDTH * (to - from) / end - 0.5);
      const y = left ? HIGH : HIGH + BAND + 10;
      const band = svg("rect", { x, width, y, height: BAND, fill: facts.colours[at("state")], "fill-opacity": at("state") === "blank" ? 0.45 : 0.9, class: "part", tabindex: 0, role: "button" });
      const title = svg("title", {});
      title.textContent = `${at("name") || at("code")} · ${strips.filters[0].item.get(at("state")).label} · ${say("violations_of", { count: at("violations") })}`;
      band.append(title);
      band.setAttribute("aria-label", title.textContent);
      band.addEventListener("click", () => draw.find(strips, row));
      band.addEventListener("keydown", (event) => { if (event.key === "Enter") draw.find(strips, row); });
      drawing.append(band);
      if (count) {
        const tall = (HIGH - 3) * count / most;
        drawing.append(svg("rect", { x, width: Math.max(1.5, width), y: left ? HIGH - tall : HIGH + 2 * BAND + 10, height: tall, fill: "#5a1a1a" }));
      }
    });
    const row = (key) => make("span", {}, say(key));
    chart.replaceChildren(
      make("b", {}, say("unrolled", { name })),
      make("p", { className: "quiet" }, say("street_figures", { share: signedShare === null ? "–" : Math.round(signedShare), rate, low, high })),
      make("div", { className: "ends" }, row("side_left"), make("span", {}, say("metres", { value: number(Math.round(end)) }))),
      drawing, make("div", { className: "ends" }, row("side_right"), row("click_part")),
      ...(facts.prints ? [make("p", {}, make("a", { href: `plates?street=${encodeURIComponent(code)}`, target: "_blank" }, say("plates_of")))] : []));
    const [first] = parts;
    if (!first) return;
    const lines = facts.layers.find((layer) => layer.name === "streets");
    const line = lines.columns.code.indexOf(code);
    if (line >= 0) gridwarden.show(L.GeoJSON.geometryToLayer(gridwarden.shape(lines.shapes[line])).getBounds(), { maxZoom: 18 });
  }

  const ORDERS = {
    rate: (a, b) => b[5] - a[5],
    unsigned: (a, b) => b[4] - a[4],
  };

  function list() {
    const rows = [...facts.streets].sort(ORDERS[order]).slice(0, MOST_ROWS).map((street) => {
      const [code, name, , shops, unsigned, rate] = street;
      const button = make("button", { type: "button", onclick: () => unroll(street) }, name);
      return make("tr", {}, make("td", {}, button, " ", make("small", {}, say("street_shops", { code, shops }))),
        make("td", {}, order === "rate" ? rate.toFixed(2) : number(unsigned)));
    });
    table.replaceChildren(make("table", { className: "busiest" }, make("tbody", {}, ...rows)));
  }

  function repeats() {
    const rows = facts.repeats.map(([code, name, count, days, last]) => {
      const row = strips.columns.code.indexOf(code);
      const title = row < 0 ? name : make("button", { type: "button", onclick: () => draw.find(strips, row) }, name);
      return make("tr", {}, make("td", {}, title, " ", make("small", {}, code),
        ...(days ? [make("br"), make("small", {}, say("repeat_days", { days: number(days), last }))] : [])), make("td", {}, number(count)));
    });
    return make("details", { className: "section" }, make("summary", {}, make("b", {}, say("repeats", { count: number(facts.repeated), least: facts.least, days: facts.window, shown: number(rows.length) }))),
      make("table", { className: "busiest" }, make("tbody", {}, ...rows)));
  }

  const hot = make("div", { id: "hot" });
  function paintHot() {
    const by = strips.colouring.by;
    hot.replaceChildren(...gridwarden.hotBoard(by, facts.hot[by], (row) => draw.find(strips, row), []));
  }

  panel.replaceChildren(
    totals(),
    ...gridwarden.switchboard(facts.layers.filter((layer) => ["frontages", "marks"].includes(layer.name)).reverse(), draw, paintHot),
    hot,
    make("b", {}, say("streets_by")),
    choices([say("order_rate"), say("order_unsigned")], 0, (position) => { order = Object.keys(ORDERS)[position]; list(); }),
    chart, table, repeats());
  list();
};
