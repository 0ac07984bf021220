// Backstreets: what was walked in the chosen period, what nobody has walked, and how the visits of places stand.
"use strict";
gridwarden.backstreets = function (map, facts, panel) {
  const { make, say, number } = gridwarden;
  const FIRST_ROWS = 10, MORE_ROWS = 50;
  const segments = facts.layers.find((layer) => layer.name === "segments");
  const figures = make("div", { id: "figures" }), board = make("div"), hot = make("div", { id: "hot" }), blind = make("div", { id: "blind" }), table = make("div", { id: "cells" });
  const by = Object.keys(facts.by).filter((name) => facts.tables[facts.window]?.[name]);
  let grouping = by.includes(facts.first) ? facts.first : by[0];

  const period = () => gridwarden.period(facts.window);
  const length = (metres) => (metres < 1000 ? say("metres", { value: number(Math.round(metres)) }) : say("kilometres", { value: number(Number((metres / 1000).toFixed(1))) }));
  // As gis_core.patrol.percent rounds: 100 only of everything, 0 only of nothing.
  const rounded = (part, whole) => Math.min(Math.max(Math.round(100 * part / whole), part > 0 ? 1 : 0), part < whole ? 99 : 100);
  const percent = (part, whole) => (whole ? `${rounded(part, whole)} %` : "–");
  const STATUSES = Object.keys(facts.colours);

  // A bar of the shares of all statuses, which the figures beside it say in numbers.
  function bar(metres) {
    const whole = metres.reduce((sum, one) => sum + one, 0);
    const parts = STATUSES.map((status, at) => {
      const part = make("i", { className: status === "no_data" ? "unknown" : "" });
      part.style.width = `${whole ? 100 * metres[at] / whole : 0}%`;
      if (status !== "no_data") part.style.background = facts.colours[status];
      return part;
    });
    return make("div", { className: "shares", "aria-hidden": "true" }, ...parts);
  }

  function paintFigures() {
    const totals = facts.totals[facts.window];
    const metres = STATUSES.map((status) => totals[status][0]);
    const due = metres.reduce((sum, one) => sum + one, 0);
    const rows = STATUSES.map((status, at) => {
      const swatch = make("i", { className: status === "no_data" ? "chip unknown" : "chip" });
      if (status !== "no_data") swatch.style.background = facts.colours[status];
      return make("tr", {}, make("td", {}, swatch, say(`patrol_${status}`)), make("td", {}, length(metres[at])));
    });
    figures.replaceChildren(
      make("p", { className: "figure" }, make("b", {}, percent(metres[0], due)), " ", say("patrol_share", { walked: length(metres[0]), due: length(due) })),
      bar(metres), make("table", { className: "busiest" }, make("tbody", {}, ...rows)));
  }

  // The legend is made again: what its rows count depends on the period.
  function paintLegend() {
    board.replaceChildren(...gridwarden.switchboard([segments], draw, paintHot), make("p", { className: "quiet" }, say("patrol_legend_age"), " ", gridwarden.ended()));
    paintHot();
  }

  // What is more than patrol explains, while it is what the map shows.
  function paintHot() {
    const by = segments.colouring.by, told = facts.hot[by];
    if (!told) return hot.replaceChildren();
    const at = (name, row) => segments.columns[name][row];
    const worst = told.worst.map(([row, ...rest]) => [at("name", row), gridwarden.stretch(at("from_m", row), at("to_m", row)), row, ...rest]);
    const words = [say("hot_window", { day: told.day, until: told.until, count: number(told.reports) }),
      told.elsewhere ? say("hot_unmatched", { count: number(told.elsewhere) }) : null, say("hot_effort")];
    return hot.replaceChildren(...gridwarden.hotBoard(by, { ...told, worst }, (row) => draw.find(segments, row),
      [make("p", { className: "quiet" }, words.filter(Boolean).join(" "))]));
  }

  function blindRows() {
    const status = segments.columns[`status_${facts.window}`];
    const age = (row) => segments.columns.age_h[row] ?? Infinity;
    return status.map((_, row) => row).filter((row) => status[row] === "blind")
      .sort((a, b) => (age(b) === age(a) ? segments.columns.length_m[b] - segments.columns.length_m[a] : age(b) - age(a)));
  }

  function paintBlind() {
    const rows = blindRows();
    const [metres, count] = facts.totals[facts.window].blind;
    const besides = make("p", { className: "quiet" }, say("blind_besides", Object.fromEntries(["probable", "no_data"].map((status) => [status, number(facts.totals[facts.window][status][1])]))));
    if (!count) return blind.replaceChildren(make("p", { className: "figure" }, say("blind_none")), besides);
    const body = make("tbody");
    const more = make("button", { type: "button", className: "more" });
    const at = (name, row) => segments.columns[name][row];
    const add = (most) => {
      const from = body.children.length;
      body.append(...rows.slice(from, from + most).map((row) => make("tr", {},
        make("td", {}, make("button", { type: "button", onclick: () => draw.find(segments, row) }, at("name", row)), " ",
          make("small", {}, gridwarden.stretch(at("from_m", row), at("to_m", row)))),
        make("td", {}, length(at("length_m", row)), make("br"), make("small", {}, gridwarden.ago(at("age_h", row)))))));
      const left = rows.length - body.children.length;
      more.hidden = left <= 0;
      more.textContent = say("more_rows", { count: number(Math.min(left, MORE_ROWS)) });
    };
    more.onclick = () => add(MORE_ROWS);
    add(FIRST_ROWS);
    return blind.replaceChildren(
      make("b", {}, say(facts.window === 1 ? "blind_list_day" : "blind_list", { period: period(), count: number(count), metres: length(metres) })),
      besides, make("p", { className: "quiet" }, say("blind_order"), " ", gridwarden.ended()), make("table", { className: "busiest" }, body), more);
  }

  function paintTable() {
    const { rows, total } = facts.tables[facts.window]?.[grouping] || { rows: [], total: 0 };
    if (!total) return table.replaceChildren();
    const pick = make("select", { "aria-label": say("patrol_table"), onchange: () => { grouping = pick.value; paintTable(); } },
      ...by.map((name) => make("option", { value: name, selected: name === grouping }, facts.by[name])));
    const lines = rows.map(([code, ...metres]) => {
      const due = metres.reduce((sum, one) => sum + one, 0);
      const name = code === null ? say("outside_cells") : gridwarden.party(code);
      const title = code === null || grouping === "contractor" ? make("span", {}, name) : make("button", { type: "button", onclick: () => gridwarden.frame(code) }, name);
      return make("tr", {}, make("td", {}, title, " ", name === code || code === null ? null : make("small", {}, code), bar(metres)),
        ...["blind", "no_data"].map((status) => make("td", {}, length(metres[STATUSES.indexOf(status)]))), make("td", {}, percent(metres[0], due)));
    });
    const head = make("thead", {}, make("tr", {}, make("th", {}), ...["column_blind", "column_no_data", "column_share"].map((one) => make("th", { scope: "col" }, say(one)))));
    const cut = rows.length < total ? make("p", { className: "quiet" }, say("patrol_table_of", { shown: number(rows.length), total: number(total) })) : null;
    return table.replaceChildren(...[make("label", { className: "row" }, make("b", {}, say("patrol_table")), pick), cut,
      make("table", { className: "busiest" }, head, make("tbody", {}, ...lines))].filter(Boolean));
  }

  function quotas() {
    if (!facts.quotas.length) return null;
    const rows = facts.quotas.map(([name, type, time, done, required, bodies, needed, last, next, state]) => {
      const late = state === "overdue" || state === "missed";
      const count = [say("quota_visits", { done, required }), needed > 1 ? say("quota_bodies", { bodies, required: needed }) : null];
      const when = [last && say("quota_last", { time: last }), next && say(state === "overdue" ? "quota_was_due" : "quota_next", { time: next })];
      return make("tr", { className: late ? "late" : "" }, make("td", {}, make("b", {}, name), " ", make("small", {}, `${type} · ${say(`quota_${time}`)}`),
        ...[count, when].map((parts) => make("div", {}, parts.filter(Boolean).join(" · ")))), make("td", {}, make("span", { className: "tag" }, say(`quota_${state}`))));
    });
    const count = Object.values(facts.quota_states).reduce((sum, one) => sum + one, 0);
    return make("details", { className: "section", id: "quotas" },
      make("summary", {}, make("b", {}, say("quotas_today", { done: number(facts.quota_states.done), count: number(count) }))),
      make("table", { className: "busiest" }, make("tbody", {}, ...rows)));
  }

  // A range of as many steps as there are periods, so that arrow keys choose one.
  function slider() {
    const words = make("output", { htmlFor: "period" }), dates = make("span", { className: "quiet" });
    const range = make("input", { type: "range", id: "period", min: 0, max: facts.windows.length - 1, step: 1, value: facts.windows.indexOf(facts.window) });
    const told = () => {
      const [from_day, to_day] = facts.spans[facts.window];
      words.textContent = period();
      range.setAttribute("aria-valuetext", period());
      dates.textContent = from_day === to_day ? to_day : say("patrol_span", { from_day, to_day });
    };
    range.oninput = () => { facts.window = facts.windows[range.value]; told(); show(); };
    told();
    const ends = make("div", { className: "ends", "aria-hidden": "true" }, ...facts.windows.map((days) => make("span", {}, number(days))));
    return make("div", { className: "period" }, make("label", { htmlFor: "period" }, make("b", {}, say("patrol_period")), " "), words, " ", dates, range, ends);
  }

  function show() {
    segments.columns.status = segments.columns[`status_${facts.window}`];
    if (segments.colouring?.by === "status") draw.recolour(segments, segments.colouring);
    [paintFigures, paintLegend, paintBlind, paintTable].forEach((paint) => paint());
  }

  // A replay is seen better without the colours of all days.
  function aside(replaying) {
    if (replaying) map.closePopup();
    segments.shown = !replaying;
    draw.refresh(segments);
    paintLegend();
  }

  const draw = gridwarden.layers(map, facts.layers, gridwarden.popup);
  if (!segments.count) {
    panel.replaceChildren(make("p", { className: "figure" }, say("nothing")), ...(quotas() ? [quotas()] : []));
    return;
  }
  const tip = L.tooltip({ offset: [12, 0] });
  segments.group.on({
    mouseover({ propagatedFrom: { row }, latlng }) {
      const item = segments.colouring.item.get(segments.columns[segments.colouring.by][row]);
      tip.setContent(make("div", {}, make("b", {}, segments.columns.name[row]), make("br"), item.label)).setLatLng(latlng).addTo(map);
    },
    mousemove({ latlng }) { tip.setLatLng(latlng); },
    mouseout() { tip.remove(); },
    click() { tip.remove(); },
  });
  const [until, newest] = facts.until_words;
  panel.replaceChildren(...[
    slider(), make("p", { className: "quiet", id: "until" }, until, " ", newest && make(facts.stale ? "b" : "span", {}, newest)), figures, board, hot, blind, table, quotas(),
    facts.replays ? gridwarden.replay(map, length, aside) : null,
  ].filter(Boolean));
  show();
};

// One day, or the last so many days, in words.
gridwarden.period = (days) => (days === 1 ? gridwarden.say("patrol_day") : gridwarden.say("days", { days }));

gridwarden.stretch = (from, to) => gridwarden.say("stretch", { from_m: gridwarden.number(from), to_m: gridwarden.number(to) });

// Hours as hours, or from two days on as days.
gridwarden.spell = function (hours, key) {
  const { say, number } = gridwarden;
  return hours < 48 ? say(`${key}_hours`, { value: number(Math.round(hours)) }) : say(`${key}_days`, { value: number(Math.floor(hours / 24)) });
};

// Of a page whose periods ended long ago: that ages are those of then.
gridwarden.ended = () => (gridwarden.facts.ended ? gridwarden.say("patrol_ended", { day: gridwarden.facts.ended }) : "");

gridwarden.ago = (hours) => (hours === null ? gridwarden.say("ago_never") : gridwarden.spell(hours, "ago"));

// Of a wide street the visits by side, and whether all of them were on one.
gridwarden.sides = function (sides, visits) {
  const { say, facts } = gridwarden;
  if (!sides) return null;
  const [left, right] = sides.slice(2 * facts.windows.indexOf(facts.window));
  const told = say("sides_told", { left, right });
  return left + right >= visits && (left > 0) !== (right > 0) ? `${told}${say("comma")}${say("sides_one")}` : told;
};

gridwarden.popups.segments = function (at, layer) {
  const { make, terms, metres, party, gridName, say, facts, ago, spell, stretch } = gridwarden;
  const hot = gridwarden.whyHot(at, layer);
  const days = hot ? facts.hot_days : facts.window, status = at(`status_${days}`), age = at("age_h"), share = at(`share_${days}`);
  const why = status === "blind" && share > 0 ? "why_blind_some" : `why_${status}`;
  const lead = make("p", { className: "lead" }, gridwarden.period(days), make("b", {}, say(`patrol_${status}`)),
    make("span", { className: "quiet" }, say("why_colour"), ": ", say(why)));
  lead.style.borderLeftColor = facts.colours[status];
  const kind = `class_${at("class")}`;
  const known = [["last_walked", ago(age)],
    ["visits_in", at(`visits_${days}`)], ["sides_in", hot ? null : gridwarden.sides(at("sides"), at(`visits_${days}`))], ["share_in", share === null ? null : `${share} %`], ["longest_gap", at("gap_h") === null ? null : spell(at("gap_h"), "spell")]];
  const then = facts.ended ? [make("p", { className: "quiet" }, gridwarden.ended())] : [];
  return [make("h2", {}, at("name")), ...(hot || [lead]), ...then, terms([["segment", stretch(at("from_m"), at("to_m"))], ["length", metres(at("length_m"))], ...known,
    ["class", kind in facts.texts ? say(kind) : at("class")], ["grid", gridName(at("grid"))], ["contractor", party(at("contractor"))], ["code", at("street")]])];
};
