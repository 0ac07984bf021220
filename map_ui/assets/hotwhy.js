// What a click on a hot spot says: why it has its colour, in words and figures.
"use strict";
gridwarden.why = (function () {
  const { make, terms, metres } = gridwarden;
  const say = (...given) => gridwarden.say(...given), number = (value) => gridwarden.number(value);
  const name = (code) => gridwarden.facts.grids[code] || code;

  function lead(colour, title, ...said) {
    const box = make("p", { className: "lead" }, make("b", {}, title), ...said.filter(Boolean).map((one) => make("span", { className: "said" }, one)));
    box.style.borderLeftColor = colour;
    return box;
  }

  const popup = (...parts) => make("div", { className: "popup" }, ...parts.filter(Boolean));
  const heading = (code) => make("h2", {}, name(code), name(code) === code ? null : make("small", {}, ` ${code}`));

  // How sure, in words: the share of areas as striking as this one that chance makes.
  function chance(q) {
    const [, key] = [[0.001, "1000"], [0.01, "100"], [0.05, "20"], [0.1, "10"]].find(([most]) => q < most) || [1, "none"];
    return say(`hotspots_why_${key}`);
  }

  function stable(share) {
    if (share === null || share === undefined) return null;
    if (share >= 0.999) return say("hotspots_stable_yes");
    return share > 0.26 ? say("hotspots_stable_part", { share: Math.round(100 * share) }) : say("hotspots_stable_no");
  }

  function second(at) {
    const hot = at("class").startsWith("hot");
    if (!hot && !at("class").startsWith("cold")) return null;
    return say(at("agree") ? "hotspots_second_yes" : "hotspots_second_no");
  }

  // What a unit is called, and whether it is of the core of a crowd.
  function title(at) {
    const named = at("class");
    if (at("core") && named === "none") return say("hotspots_core_popup");
    const rim = at("core") ? say("hotspots_core_popup") : named.startsWith("hot") ? say("hotspots_edge_popup") : null;
    return [say(`hotspots_class_${named}`), rim].filter(Boolean).join(say("comma"));
  }

  // A unit of the map of significant areas.
  function area(at, per, colour) {
    const named = at("class"), hot = named.startsWith("hot");
    const unknown = named === "insufficient", beside = at("core") && named === "none";
    const sums = { neighbours: at("neighbours"), observed: number(at("observed")), expected: at("expected") === null ? null : number(at("expected")) };
    const counts = unknown ? say("hotspots_why_insufficient") : say(sums.neighbours === null ? "hotspots_why_counts_alone" : "hotspots_why_counts", sums);
    const told = (key, values) => (unknown || Object.values(values).includes(null) ? null : say(key, values));
    return popup(heading(at("code")), lead(colour, title(at), counts, unknown ? null : beside ? say("hotspots_why_core") : chance(at("q"))), terms([
      ["hotspots_count", number(at("count"))],
      ["hotspots_times", told("hotspots_times_value", { value: at("ratio") })],
      ["hotspots_rate", told("hotspots_rate_value", { rate: at("rate"), low: at("low"), high: at("high"), unit: say(`hotspots_rate_${per}`) })],
      ["hotspots_exposure", per === "none" ? null : say(`hotspots_exposed_${per}`, { value: number(at("exposure")) })],
      ["hotspots_second", second(at)],
      ["hotspots_stable", hot ? stable(at("stable")) : null],
    ]));
  }

  // The weeks of an area as a row of small squares, which the words beside them say in numbers.
  function history(states, colours) {
    const squares = [...states].map((state) => {
      const square = make("i", { className: "state" });
      square.style.background = colours[state];
      return square;
    });
    return make("div", { className: "states", "aria-hidden": "true" }, ...squares);
  }

  // A unit of the map of changes.
  function change(at, steps, colours) {
    const { named, colours: all } = gridwarden.facts;
    const word = at("word");
    const weeks = word === "insufficient" ? null : say("hotspots_weeks", { hot: at("hot_steps"), steps });
    const states = at("states");
    return popup(heading(at("code")), lead(all.words[word] || all.classes.insufficient, named[`word_${word}`], weeks),
      states ? history(states, colours) : null, terms([
        ["hotspots_trend", at("trend") === null ? null : say(`hotspots_trend_${at("trend")}`)],
        ["hotspots_pattern", named[at("pattern")] || at("pattern")],
        ["hotspots_count", at("count") === null ? null : number(at("count"))],
      ]));
  }

  const percent = (share) => Number((100 * share).toPrecision(2));
  const chances = (p) => (p < 0.001 ? "< 0.1" : String(percent(p)));

  // A circle of the alarm.
  function circle(at, alarm) {
    const title = say("hotspots_alarm_yes", { count: number(at("count")), expected: number(at("expected")) });
    const where = [at("days") ? say("hotspots_alarm_days", { days: at("days") }) : null, say("hotspots_alarm_within", { metres: metres(Math.round(at("radius_m"))) })];
    return popup(at("near") && make("h2", {}, say("hotspots_near", { name: name(at("near")) })), lead(gridwarden.facts.colours.crowd, alarm ? title : say("hotspots_alarm_no"), alarm ? null : title,
      where.filter(Boolean).join(say("comma")), say("hotspots_alarm_chance", { share: chances(at("p")) })));
  }

  function cluster(at) {
    return popup(at("near") && make("h2", {}, say("hotspots_near", { name: name(at("near")) })), lead(gridwarden.facts.colours.cluster, at("category"), say("hotspots_list_count", { count: number(at("count")) })), terms([
      ["hotspots_cluster_area", say("hotspots_square_metres", { value: number(Math.round(at("area_m2"))) })],
      ["hotspots_chance", at("p") === null || at("p") === undefined ? null : `${chances(at("p"))} %`],
    ]));
  }

  return { area, change, circle, cluster, percent, name, title };
})();
