// What a click on a feature says. Everything is set as text, so that no report can become markup.
"use strict";
gridwarden.popup = function (layer, row) {
  const { make } = gridwarden;
  const at = (name) => layer.columns[name][row];
  return make("div", { className: "popup" }, ...gridwarden.popups[layer.name](at, layer, row));
};

gridwarden.party = (code) => code && (gridwarden.facts.parties[code] || gridwarden.facts.grids[code] || code);

gridwarden.gridName = (code) => code && (gridwarden.facts.grids[code] || code);

gridwarden.metres = (value) => (value === null || value === undefined ? null : gridwarden.say("metres", { value: gridwarden.number(value) }));

// A list of terms and values; what is missing is left out.
gridwarden.terms = function (pairs) {
  const { make, say } = gridwarden;
  const present = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return make("dl", {}, ...present.flatMap(([key, value]) => [make("dt", {}, say(key)), make("dd", {}, String(value))]));
};

gridwarden.popups = {
  grids(at) {
    const { make, terms, party, gridName, facts } = gridwarden;
    return [make("h2", {}, at("name") || at("code")), terms([
      ["code", at("code")], ["level", facts.levels[at("level")]], ["parent", gridName(at("parent"))],
      ["organisation", party(at("organisation"))], ["area", gridwarden.area(at("area_m2"))],
    ])];
  },

  streets(at, layer) {
    const { make, terms, metres } = gridwarden;
    return [make("h2", {}, at("name") || at("code")), terms([
      ["code", at("code")], ["class", layer.filters[0].item.get(at("class")).label], ["width", metres(at("width_m"))],
      ["footway", metres(at("footway_m"))], ["length", metres(at("length_m"))],
    ])];
  },

  places(at) {
    const { make, terms, party } = gridwarden;
    return [make("h2", {}, at("name") || at("code")), terms([
      ["type", at("type")], ["code", at("code")], ["operator", party(at("operator"))],
      ["supervisor", party(at("supervisor"))], ["address", at("address")],
    ])];
  },

  frontages(at, layer) {
    const { make, terms, metres, say } = gridwarden;
    const [state] = layer.filters;
    const drawn = at("origin") === "official" ? "official" : at("quality");
    const lead = make("p", { className: "lead" }, make("b", {}, state.item.get(at("state")).label));
    lead.style.borderLeftColor = state.item.get(at("state")).style.color;
    const why = gridwarden.whyHot(at, layer) || [lead];
    return [make("h2", {}, at("name") || at("code")), ...why, terms([
      ["by_state", state.item.get(at("state")).label], ["code", at("code")], ["agreement", at("agreement")], ["until", at("until")], ["violations", at("violations")],
      ["kerb", metres(at("length_m"))], ["drawn", drawn && say(`drawn_${drawn}`)],
    ])];
  },

  marks(at, layer) {
    const { make, terms } = gridwarden;
    return [make("h2", {}, at("name") || at("code")), terms([["mark_kind", layer.filters[0].item.get(at("kind")).label], ["code", at("code")]])];
  },

  findings(at, layer) {
    const { make, terms, facts } = gridwarden;
    const { label, style } = layer.filters[0].item.get(at("severity"));
    const lead = make("p", { className: "lead" }, make("b", {}, label), at("words"));
    lead.style.borderLeftColor = style.color;
    return [lead, terms([["level", facts.levels[at("level")]], ["code", [at("code"), at("other")].filter(Boolean).join(" · ")]])];
  },

  ground(at) {
    const { make, terms, facts, gridName, say } = gridwarden;
    return [make("h2", {}, facts.levels[at("level")]), terms([
      ["from_grid", gridName(at("from_grid")) || say("nobody")], ["to_grid", gridName(at("to_grid")) || say("nobody")],
      ["area", gridwarden.area(at("area_m2"))],
    ])];
  },

  facilities(at) {
    const { make, terms, party } = gridwarden;
    return [make("h2", {}, at("name") || at("category")), terms([
      ["category", at("category")], ["code", at("code")], ["maintains", party(at("maintains"))],
      ["supervises", party(at("supervises"))], ["owns", party(at("owns"))], ["state", at("state")],
    ])];
  },

  issues(at, layer, row) {
    const { make } = gridwarden;
    const here = gridwarden.sameSpot(layer, row);
    const body = make("div", {}, ...gridwarden.chain(layer, row));
    return here.length > 1 ? [gridwarden.pager(layer, here, row, body), body] : [body];
  },
};

gridwarden.area = function (square_metres) {
  const { say, number } = gridwarden;
  if (square_metres === null) return null;
  return square_metres < 10000
    ? say("square_metres", { value: number(Math.round(square_metres)) })
    : say("hectares", { value: number(Number((square_metres / 10000).toPrecision(3))) });
};

// The assignment chain: who, why, what, where, and every body with a part in it.
gridwarden.chain = function (layer, row) {
  const { make, terms, party, gridName, facts, metres, say } = gridwarden;
  const at = (name) => layer.columns[name][row];
  const item = (by) => layer.filters.find((filter) => filter.by === by).item.get(at(by));
  const queued = at("responsible_kind") === "queue";
  const who = queued ? say("queue_of", { name: gridName(at("responsible")) }) : party(at("responsible"));
  const lead = make("p", { className: "lead" }, say("responsible"), make("b", {}, who),
    make("span", { className: "quiet" }, item("responsible_kind").label));
  lead.style.borderLeftColor = item("responsible_kind").style.color;
  const grids = at("grids").map(gridName).join(" › ");
  const beyond = at("grid_distance_m") ? ` (${say("outside_grid", { value: at("grid_distance_m") })})` : "";
  const street = at("street") && [at("street_name"), metres(at("street_distance_m")),
    at("street_side") && say(`side_${at("street_side")}`)].filter(Boolean).join(say("comma"));
  const flags = (at("flags") || "").split(" ").filter(Boolean).map((flag) => facts.flags[flag] || flag).join("\n");
  return [
    make("h2", {}, at("code"), " ", make("span", { className: "tag" }, item("status").label)), lead,
    terms([
      ["why", facts.rules[at("rule")] || at("rule")], ["category", at("category")], ["reported", at("reported")],
      ["text", at("description")], ["address", at("address")], ["grid", grids && grids + beyond], ["street", street],
      ["place", at("place_name")], ["frontage", at("frontage")], ["facility", at("facility")], ["contract", at("contract")],
      ["contractor", party(at("contractor"))], ["handles", party(at("handles"))], ["supervises", party(at("supervises"))],
      ["owns", party(at("owns"))], ["holds", party(at("holds"))], ["flags", flags],
    ]),
  ];
};

// Rows of the issues drawn within a few pixels of this one, so that none hides another.
gridwarden.sameSpot = function (layer, row) {
  const REACH_PX = 5;
  const point = (one) => gridwarden.map.latLngToContainerPoint(layer.points[one]);
  const centre = point(row);
  return layer.features.map((feature, other) => other)
    .filter((other) => layer.group.hasLayer(layer.features[other]) && point(other).distanceTo(centre) <= REACH_PX);
};

gridwarden.pager = function (layer, here, row, body) {
  const { make, say } = gridwarden;
  let position = here.indexOf(row);
  const words = make("span");
  const show = (step) => {
    position = (position + step + here.length) % here.length;
    words.textContent = say("several_here", { number: position + 1, count: here.length });
    body.replaceChildren(...gridwarden.chain(layer, here[position]));
  };
  const button = (key, sign, step) => make("button", { type: "button", title: say(key), "aria-label": say(key), onclick: () => show(step) }, sign);
  show(0);
  return make("div", { className: "pager" }, button("previous", "‹", -1), words, button("next", "›", 1));
};
