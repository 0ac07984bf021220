// A legend that is also the switchboard of the layers: a section for each title, the last layer first.
"use strict";
gridwarden.switchboard = function (layers, draw, changed = () => {}) {
  const { make, say, number, choices } = gridwarden;
  const counters = new Map();

  function recount(layer) {
    draw.counts(layer).forEach((count, item) => { counters.get(item).textContent = number(count); });
  }

  function row(layer, item) {
    const box = make("input", { type: "checkbox", checked: item.shown });
    box.onchange = () => { item.shown = box.checked; draw.refresh(layer); recount(layer); };
    counters.set(item, make("span", { className: "count" }));
    return make("label", { className: "row" }, box, gridwarden.swatch(item),
      make("span", { className: "name" }, item.label), counters.get(item));
  }

  // Rows of a layer: every filter that is no colouring, then the colourings to choose from with the rows of the chosen one.
  function rows(layer) {
    const colourings = layer.filters.filter((filter) => filter.choice);
    const plain = layer.filters.filter((filter) => !filter.choice).flatMap((filter) => filter.items.map((item) => row(layer, item)));
    if (!colourings.length || !layer.count) return plain;
    const colours = make("div");
    const paint = () => colours.replaceChildren(...layer.colouring.items.map((item) => row(layer, item)));
    const pick = choices(colourings.map((filter) => filter.title), colourings.indexOf(layer.colouring), (position) => {
      draw.recolour(layer, colourings[position]);
      paint();
      recount(layer);
      changed(layer);
    });
    paint();
    return [...plain, make("div", { className: "quiet" }, say("colour_by")), pick, colours];
  }

  function section(title, parts) {
    const count = parts.reduce((sum, layer) => sum + layer.total, 0);
    const content = parts.flatMap(rows);
    const details = make("details", { className: "section", open: parts[0].shown && parts[0].name !== "streets" });
    const box = make("input", { type: "checkbox", checked: parts[0].shown, "aria-label": say("switch_all", { layer: title }) });
    box.onchange = () => {
      parts.forEach((layer) => { layer.shown = box.checked; draw.refresh(layer); });
      details.open = box.checked;
    };
    details.append(make("summary", {}, count ? box : null, make("b", {}, title), make("span", { className: "count" }, count ? number(count) : say("nothing"))), ...content);
    return details;
  }

  const sections = new Map();
  [...layers].reverse().forEach((layer) => sections.set(layer.title, [layer, ...(sections.get(layer.title) || [])]));
  const board = [...sections].map(([title, parts]) => section(title, parts));
  layers.forEach(recount);
  return board;
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
