// The territory itself: what the checks find, and what a draft would move.
"use strict";
gridwarden.territory = function (map, facts, panel) {
  const { make, say, number } = gridwarden;
  const MOST_ROWS = 100;
  const named = (name) => facts.layers.find((layer) => layer.name === name);
  const findings = named("findings"), ground = named("ground");
  const draw = gridwarden.layers(map, facts.layers, gridwarden.popup);

  function findingList() {
    if (!findings.count) return make("p", { className: "figure" }, say("findings_none"));
    const rows = findings.columns.words.slice(0, MOST_ROWS).map((words, row) =>
      make("tr", {}, make("td", {}, make("button", { type: "button", onclick: () => draw.find(findings, row) }, words))));
    return make("details", { className: "section", open: !facts.totals },
      make("summary", {}, make("b", {}, say("findings_first", { count: number(rows.length) }))),
      make("table", { className: "busiest words" }, make("tbody", {}, ...rows)));
  }

  function drafts() {
    if (!facts.drafts.length) return make("p", { className: "quiet" }, say("drafts_none"));
    const options = facts.drafts.map(([id, note, changes]) =>
      make("option", { value: String(id), selected: id === facts.draft }, say("draft_of", { id, note, changes: number(changes) })));
    const pick = make("select", { "aria-label": say("draft_pick"), disabled: !facts.served }, ...options);
    pick.onchange = () => { location.search = new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(location.search)), draft: pick.value }); };
    return make("label", { className: "row" }, make("b", {}, say("draft_pick")), pick);
  }

  function impact() {
    const { totals } = facts;
    if (!totals) return null;
    const line = (key) => make("tr", {}, make("td", {}, say(`impact_${key}`)), make("td", {}, number(totals[key])));
    const area = make("tr", {}, make("td", {}, say("impact_area")), make("td", {}, gridwarden.area(totals.area_m2)));
    const street = make("tr", {}, make("td", {}, say("impact_street")), make("td", {}, say("metres", { value: number(totals.street_m) })));
    const moves = facts.moves.map(([from, to, square, issues, metres, places, contracts]) =>
      make("tr", {}, make("td", {}, make("b", {}, `${from || say("nobody")} → ${to || say("nobody")}`), make("br"),
        make("small", {}, say("impact_move", { area: gridwarden.area(square), issues: number(issues), metres: number(metres), places: number(places), contracts: number(contracts) })))));
    return make("div", {},
      make("p", { className: "quiet" }, say("impact_meaning")),
      make("table", { className: "busiest", id: "totals" }, make("tbody", {}, ...["issues", "places", "contracts", "holders"].map(line), street, area)),
      make("details", { className: "section", open: true }, make("summary", {}, make("b", {}, say("impact_moves"))),
        make("table", { className: "busiest words" }, make("tbody", {}, ...moves))));
  }

  panel.replaceChildren(...[
    ...gridwarden.switchboard([ground, findings].filter((layer) => layer?.count), draw),
    findingList(), drafts(), impact(),
  ].filter(Boolean));
};
