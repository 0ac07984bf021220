// What is more than chance: why a place has its colour, and which places to look at first.
"use strict";
// Numbers as people read them: whole ones whole, others as short as they can be told.
gridwarden.figure = (value) => (value === null ? "–" : gridwarden.number(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(2))));

// By the column that a layer is coloured by: what its rate is of, and its class as the legend says it.
gridwarden.hotRate = function (by, [rate, low, high]) {
  const { say, figure } = gridwarden;
  return `${say(`hot_per_${gridwarden.hotOf[by]}`, { value: figure(rate) })} (${say("hot_interval", { low: figure(low), high: figure(high) })})`;
};

gridwarden.hotOf = { hot_strip: "strip", hot_stretch: "strip", hot_shops: "shops", hot_patrol: "patrol" };

// The head of a popup: the class, and the numbers behind it. Nothing where another colouring is looked at.
gridwarden.whyHot = function (at, layer) {
  const { make, say, figure, facts } = gridwarden;
  const { by, item } = layer.colouring;
  if (!(by in gridwarden.hotOf)) return null;
  const named = at(by), why = at(`why_${by}`), { label, style } = item.get(named), patrol = by === "hot_patrol";
  const lead = make("p", { className: "lead hot" }, make("b", {}, label));
  lead.style.borderLeftColor = style.fillColor || style.color;
  if (!why) return [lead, make("p", { className: "quiet" }, say("why_hot_nobody"))];
  const [count, observed, expected, rate, low, high, exposure] = why, days = facts.hot_days;
  if (named === "insufficient") {
    return [lead, make("p", {}, say(patrol ? "why_hot_insufficient_patrol" : "why_hot_insufficient", { count: number(count), days }))];
  }
  const more = named === "core" ? "why_hot_core" : named === "none" ? (observed > expected ? "why_hot_none" : null) : "why_hot_neighbours";
  const words = [say(by === "hot_stretch" ? "why_hot_stretch" : "why_hot", { count: number(count), days, observed: number(observed), expected: figure(expected) }), more && say(more)];
  const of = gridwarden.hotOf[by], value = { strip: number(100 * exposure), shops: number(exposure), patrol: figure(exposure) }[of];
  return [lead, make("p", {}, make("span", { className: "quiet" }, say("why_colour"), ": "), words.filter(Boolean).join(" ")),
    make("p", { className: "quiet" }, `${gridwarden.hotRate(by, [rate, low, high])} · ${say(`hot_exposure_${of}`, { value })}`)];

  function number(value) { return gridwarden.number(Math.round(value)); }
};

// The panel's part of it, for the colouring that is looked at: what was found, and the units to look at first.
gridwarden.hotBoard = function (by, told, choose, extra) {
  const { make, say, number, figure } = gridwarden;
  if (!(by in gridwarden.hotOf) || !told) return [];
  const patrol = by === "hot_patrol", [, [, hot, wrong]] = told.found;
  const usual = say(`hot_per_${gridwarden.hotOf[by]}`, { value: figure(told.rate) });
  const words = [
    told.reports ? say("hot_found", { cores: number(told.cores), cells: number(hot), units: number(told.units), false: wrong, usual }) : say("hot_few_reports", { days: gridwarden.facts.hot_days }),
    told.reports && told.uneven ? say("hot_uneven", { times: figure(told.uneven) }) : null,
    patrol && told.insufficient ? say("hot_insufficient", { count: number(told.insufficient) }) : null,
  ];
  const rows = told.worst.map(([name, code, row, count, ratio, rate, low, high, named]) => {
    const title = row < 0 ? name : make("button", { type: "button", onclick: () => choose(row) }, name);
    return make("tr", {}, make("td", {}, title, " ", make("small", {}, code), make("br"),
      make("small", {}, `${say("hot_times", { ratio: figure(ratio) })} · ${gridwarden.hotRate(by, [rate, low, high])}`)),
    make("td", {}, number(count), make("br"), make("small", {}, make("span", { className: "tag" }, say(`sure_${named === "core" ? "core" : "hot"}_short`)))));
  });
  const total = told.total;
  return [make("p", { className: "quiet" }, words.filter(Boolean).join(" ")), ...extra,
    make("b", {}, rows.length ? say("hot_worst", { shown: number(rows.length), total: number(total) }) : say("hot_worst_none")),
    make("table", { className: "busiest hot" }, make("tbody", {}, ...rows))];
};
