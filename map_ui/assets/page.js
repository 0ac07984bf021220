// What every map page shares: texts, small pieces of HTML made without markup, and the start.
"use strict";
const gridwarden = {};

gridwarden.start = function (map, page) {
  const facts = JSON.parse(document.getElementById("facts").textContent);
  const panel = document.getElementById("panel");
  panel.open = window.matchMedia("(min-width: 701px)").matches;
  map.options.renderer = L.canvas({ tolerance: 4, padding: 0.3 }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  gridwarden.map = map;
  gridwarden.facts = facts;
  gridwarden.clear = { left: [52, 10], right: [panel.open ? panel.offsetWidth + 20 : 10, 10] };
  gridwarden.home(map).addTo(map);
  gridwarden.show(facts.bounds, { animate: false });
  page(map, facts, document.getElementById("legend"));
};

// Moves the map so that the panel does not cover what is to be seen.
gridwarden.show = function (bounds, options) {
  const panel = document.getElementById("panel");
  // On a phone the panel covers half of the map: what was asked for is looked at first.
  if (window.matchMedia("(max-width: 700px)").matches) panel.open = false;
  gridwarden.map.fitBounds(bounds, { paddingTopLeft: [10, 10], paddingBottomRight: gridwarden.clear.right, ...options });
};

// Moves to a grid and frames it, and no other.
gridwarden.frame = function (code) {
  const layer = gridwarden.facts.layers.find((one) => one.name === "grids" && one.columns.code.includes(code));
  if (!layer) return;
  gridwarden.framed?.remove();
  const shape = gridwarden.shape(layer.shapes[layer.columns.code.indexOf(code)]);
  gridwarden.framed = L.GeoJSON.geometryToLayer(shape, { color: "#0b3d5c", weight: 3, fill: false, interactive: false }).addTo(gridwarden.map);
  gridwarden.show(gridwarden.framed.getBounds(), { maxZoom: 17 });
};

// A button below the zoom that leads back to the whole city.
gridwarden.home = function () {
  const control = L.control({ position: "topleft" });
  const title = gridwarden.say("whole_city");
  control.onAdd = () => gridwarden.make("div", { className: "leaflet-bar" }, gridwarden.make("button", {
    id: "home", type: "button", title, "aria-label": title, onclick: () => gridwarden.show(gridwarden.facts.bounds),
  }, "⌂"));
  return control;
};

// The text of a key with its {names} filled in.
gridwarden.say = function (key, values) {
  return gridwarden.facts.texts[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
};

gridwarden.number = (value) => value.toLocaleString("en");

// An element with properties and children; strings become text, never markup.
gridwarden.make = function (tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};

// Positions as [x, y] from steps in micro-degrees.
gridwarden.positions = function (steps) {
  const line = [];
  for (let at = 0, x = 0, y = 0; at < steps.length; at += 2) {
    x += steps[at];
    y += steps[at + 1];
    line.push([x / 1e6, y / 1e6]);
  }
  return line;
};

// The same as [latitude, longitude], the map's order.
gridwarden.points = (steps) => gridwarden.positions(steps).map(([x, y]) => [y, x]);

// A GeoJSON geometry from one whose lines are steps; two numbers alone are a point.
gridwarden.shape = function (shape) {
  if (Array.isArray(shape)) return { type: "Point", coordinates: gridwarden.positions(shape)[0] };
  const unpack = (part) => (Array.isArray(part[0]) ? part.map(unpack) : gridwarden.positions(part));
  return { type: shape.type, coordinates: unpack(shape.coordinates) };
};

// A column of few different values comes as those values and each row's place among them.
gridwarden.column = (column) => (Array.isArray(column) ? column : column.at.map((place) => column.of[place]));

// Buttons of which exactly one is pressed.
gridwarden.choices = function (labels, chosen, choose) {
  const buttons = labels.map((label, position) =>
    gridwarden.make("button", {
      type: "button", textContent: label, "aria-pressed": String(position === chosen),
      onclick: () => {
        buttons.forEach((button, other) => { button.setAttribute("aria-pressed", String(other === position)); });
        choose(position);
      },
    }));
  return gridwarden.make("div", { className: "choices" }, ...buttons);
};
