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
  map.fitBounds(facts.bounds, { paddingTopLeft: [10, 10], paddingBottomRight: gridwarden.clear.right, animate: false });
  page(map, facts, document.getElementById("legend"));
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

// A GeoJSON geometry from one whose lines are steps in micro-degrees.
gridwarden.shape = function ({ type, coordinates }) {
  const unpack = (part) => {
    if (Array.isArray(part[0])) return part.map(unpack);
    const line = [];
    for (let at = 0, x = 0, y = 0; at < part.length; at += 2) {
      x += part[at];
      y += part[at + 1];
      line.push([x / 1e6, y / 1e6]);
    }
    return type === "Point" ? line[0] : line;
  };
  return { type, coordinates: unpack(coordinates) };
};

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
