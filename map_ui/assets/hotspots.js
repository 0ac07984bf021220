// Hot spots: what to look at is chosen at the top; every view has a legend, what is said of the whole, and a list.
"use strict";
gridwarden.hotspots = function (map, facts, panel) {
  const { make, say, number, choices, why } = gridwarden;
  const FIRST_ROWS = 10, MORE_ROWS = 40, MOST_ZOOM = 16, ALARM = 0.05;
  const LEVELS = ["hot_99", "hot_95", "hot_90", "cold_99", "cold_95", "cold_90", "none", "insufficient"];
  const WORDS = ["worse", "new", "lasting", "fading", "none", "insufficient"];
  const STATES = { "+": ["hotspots_state_hot", facts.colours.classes.hot_95], "-": ["hotspots_state_cold", facts.colours.classes.cold_95], "0": ["hotspots_state_none", facts.colours.classes.none] };
  const SHOWN_STATES = ["+", "-", "0"];
  const chosen = { mode: "heat", smooth: true, time: "one", per: facts.pers[0] };
  const lowest = (levels) => levels[0];
  chosen.level = { areas: lowest(facts.area_levels), changes: lowest(facts.change_levels) };
  [...Object.values(facts.areas), ...Object.values(facts.changes)].forEach((table) => {
    Object.keys(table.columns).forEach((column) => { table.columns[column] = gridwarden.column(table.columns[column]); });
  });

  // ---- what is drawn on a map: a picture below, areas above ----
  const hatch = hatching();
  const pictures = new Map();
  let clicked = null;
  map.on("preclick", ({ latlng }) => { clicked = latlng; });

  function hatching() {
    const canvas = make("canvas", { width: 8, height: 8 }), brush = canvas.getContext("2d");
    brush.strokeStyle = facts.colours.classes.insufficient;
    brush.lineWidth = 1.5;
    [-8, 0, 8].forEach((at) => { brush.moveTo(at, 8); brush.lineTo(at + 8, 0); });
    brush.stroke();
    return brush.createPattern(canvas, "repeat");
  }

  function surfaceOf(where) {
    if (!where.getPane("heat")) where.createPane("heat").classList.add("leaflet-heat-pane");
    const group = L.featureGroup().addTo(where);
    const width = where.getSize().x - 90;
    group.bindPopup((feature) => feature.why(), { maxWidth: Math.min(340, width), minWidth: Math.min(280, width),
      autoPanPaddingTopLeft: gridwarden.clear.left, autoPanPaddingBottomRight: gridwarden.clear.right });
    const tip = L.tooltip({ offset: [12, 0] });
    group.on({
      mouseover({ propagatedFrom, latlng }) { if (propagatedFrom.tip) tip.setContent(make("div", {}, ...propagatedFrom.tip())).setLatLng(latlng).addTo(where); },
      mousemove({ latlng }) { tip.setLatLng(latlng); },
      mouseout() { tip.remove(); },
      click() { tip.remove(); },
    });
    return { map: where, group, image: null, asked: 0 };
  }

  function clear(target) {
    target.asked += 1;
    target.map.closePopup();
    target.group.clearLayers();
    target.image?.remove();
    target.image = null;
  }

  // A picture is decoded once; whatever was asked for later wins.
  async function paintPicture(target, key, given, { scale, colours }) {
    const asked = (target.asked += 1);
    if (!pictures.has(key)) pictures.set(key, new gridwarden.HeatPicture(given, scale, colours, ground));
    const picture = await pictures.get(key).read();
    if (asked !== target.asked) return;
    const address = picture.address(chosen.smooth);
    if (target.image) target.image.setUrl(address).setBounds(picture.bounds);
    else target.image = L.imageOverlay(address, picture.bounds, { pane: "heat", interactive: false }).addTo(target.map);
    target.picture = picture;
  }

  // The lowest grids, along which pictures are cut.
  const ground = (facts.layers.filter((layer) => layer.name === "grids").at(-1)?.shapes ?? []).map(gridwarden.shape);
  const grid = new Map(facts.layers.filter((layer) => layer.name === "grids").flatMap((layer) => layer.columns.code === undefined ? []
    : gridwarden.column(layer.columns.code).map((code, row) => [code, layer.shapes[row]])));

  // Areas whose shapes the grids have; the last drawn lie on top.
  function paintAreas(target, table, order, look, popup, tip) {
    clear(target);
    table.rows = new Map();
    order.forEach((row) => {
      const code = table.columns.code[row];
      if (!grid.has(code)) return;
      const drawn = L.GeoJSON.geometryToLayer(gridwarden.shape(grid.get(code)), look(row));
      drawn.why = () => popup(row);
      drawn.tip = () => [make("b", {}, why.name(code)), make("br"), tip(row)];
      table.rows.set(row, drawn);
      target.group.addLayer(drawn);
    });
  }

  function paintShapes(target, found, look, popup) {
    clear(target);
    found.drawn = found.shapes.map((shape, row) => {
      const drawn = L.GeoJSON.geometryToLayer(gridwarden.shape(shape), look(row));
      drawn.why = () => popup(row);
      return drawn;
    });
    [...found.drawn].reverse().forEach((drawn) => target.group.addLayer(drawn));
  }

  const at = (table, row) => (column) => table.columns[column]?.[row] ?? null;
  const rowsOf = (table) => table.columns.code.map((_, row) => row);

  function goTo(drawn) {
    if (!drawn) return;
    const bounds = drawn.getBounds();
    gridwarden.show(bounds, { maxZoom: MOST_ZOOM, animate: false });
    drawn.fire("click", { latlng: bounds.getCenter() }, true);
  }

  // ---- pieces of the panel ----
  const quiet = (...said) => make("p", { className: "quiet" }, ...said);

  function row(colour, label, count, kind = "") {
    const chip = make("i", { className: `chip ${kind}` });
    if (kind !== "hatched") chip.style.background = colour;
    return make("div", { className: "row key" }, chip, make("span", { className: "name" }, label), count === null ? null : make("span", { className: "count" }, number(count)));
  }

  function pick(label, options, value, change) {
    const select = make("select", { onchange: () => change(select.value) },
      ...options.map(([one, text]) => make("option", { value: one, selected: one === value }, text)));
    return make("label", { className: "row" }, make("span", {}, label), select);
  }

  const titled = (key, buttons) => { buttons.setAttribute("role", "group"); buttons.setAttribute("aria-label", say(key)); return buttons; };
  const levelTitles = (levels) => levels.map((level) => [level, facts.levels[level]]);

  function listed(title, rows, line, hint) {
    const body = make("tbody"), more = make("button", { type: "button", className: "more" });
    const add = (most) => {
      const from = body.children.length;
      body.append(...rows.slice(from, from + most).map((one, nth) => line(one, from + nth + 1)));
      const left = rows.length - body.children.length;
      more.hidden = left <= 0;
      more.textContent = say("more_rows", { count: number(Math.min(left, MORE_ROWS)) });
    };
    more.onclick = () => add(MORE_ROWS);
    add(FIRST_ROWS);
    return make("div", { id: "hottest" }, make("b", {}, title), hint ? quiet(hint) : null, make("table", { className: "busiest" }, body), more);
  }

  function place(nth, name, code, go, ...figures) {
    return make("tr", {}, make("td", { className: "rank" }, `${nth}.`), make("td", {}, make("button", { type: "button", onclick: go }, name),
      code && code !== name ? make("small", {}, ` ${code}`) : null), make("td", {}, ...figures.flatMap((one, at_) => (at_ ? [make("br"), make("small", {}, one)] : [one]))));
  }

  function span(name) {
    const [from_day, to_day] = facts.spans[name];
    const days = Math.round((Date.parse(to_day) - Date.parse(from_day)) / 864e5) + 1;
    const title = { before: "hotspots_before" }[name] || "hotspots_now";
    return say("hotspots_span", { name: say(title), from_day, to_day, days });
  }

  // That a period begins before anything was reported.
  const begin = () => (facts.begin && facts.begin > facts.spans.now[0] ? quiet(say("hotspots_begin", { day: facts.begin })) : null);
  const missing = (key) => [make("p", { className: "figure" }, facts.missing[key] ? say("hotspots_missing", { reason: facts.missing[key] }) : say("hotspots_not_asked"))];
  const value = (density, unit = "hotspots_unit") => `${number(Number(density.toPrecision(2)))} ${say(unit)}`;

  function scale({ scale: ends, colours }, unit = "hotspots_unit") {
    const bands = colours.map((colour, nth) => {
      const [low, high] = [ends[nth + 1], ends[nth + 2]].map((one) => number(one));
      return row(colour, nth < colours.length - 1 ? say("hotspots_band", { low, high }) : say("hotspots_band_top", { low }), null);
    });
    return make("div", { id: "scale" }, make("b", {}, say(unit)), ...bands.reverse());
  }

  const looks = () => titled("hotspots_look", choices([say("hotspots_smooth"), say("hotspots_stepped")], chosen.smooth ? 0 : 1, (position) => {
    chosen.smooth = position === 0;
    paint();
  }));

  // Another period is another page, which opens in the same view.
  function periods() {
    if (!facts.periods.length) return null;
    const [from_day, to_day] = facts.spans.now;
    const offered = facts.periods.map((days) => [String(days), say(`hotspots_last_${days}`)]);
    const shown = facts.days === null ? [["", say("hotspots_last_own", { from_day, to_day })]] : [];
    return pick(say("window"), [...shown, ...offered], String(facts.days ?? ""), (days) => {
      const query = new URLSearchParams(location.search);
      ["since", "until"].forEach((name) => query.delete(name));
      query.set("days", days);
      location.assign(`?${query}#${chosen.mode}`);
    });
  }

  // The ways of looking at time that there are for what is chosen; made again only where these change, so that keys keep their place.
  function offerTimes(keys, step_days) {
    if (!keys.includes(chosen.time)) chosen.time = keys[0];
    const offered = `${chosen.mode} ${keys} ${chosen.time}`;
    if (times.offered === offered) return;
    const buttons = choices(keys.map((key) => say(key === "steps" ? `hotspots_steps_${step_days}` : `hotspots_${key}`)), keys.indexOf(chosen.time), (position) => {
      chosen.time = keys[position];
      times.offered = `${chosen.mode} ${keys} ${chosen.time}`;
      paint();
    });
    times.offered = offered;
    times.replaceChildren(...(keys.length > 1 ? [titled("hotspots_time", buttons)] : []));
  }

  const WEEK_DAYS = 7;
  const steps = Object.keys(facts.spans).filter((name) => /^\d+$/.test(name)).sort((a, b) => a - b);
  const titled_step = (step_days, nth, count, [from_day, to_day]) => say(`hotspots_step_${step_days}`, { nth: nth + 1, count, from_day, to_day });

  // The days of a week of changes.
  function week(nth) {
    const day = (after) => new Date(Date.parse(facts.spans.emerging[0]) + (WEEK_DAYS * nth + after) * 864e5).toISOString().slice(0, 10);
    return [day(0), day(WEEK_DAYS - 1)];
  }

  // Draws both periods, or one; of each it is said under its title what was counted.
  function paintPeriods(drawOn, counted) {
    if (chosen.time !== "two") {
      beside.close();
      return drawOn(first, "now");
    }
    const other = beside.open(["now", "before"].map((name) => `${span(name)}\n${counted(name)}`));
    second ??= surfaceOf(other);
    drawOn(first, "now");
    return drawOn(second, "before");
  }

  // ---- the views ----
  const views = {
    heat: {
      missing: () => (facts.heat ? null : "surface|now"),
      controls: () => [periods(), facts.heat ? looks() : null],
      times: () => ["one", ...(facts.heat.pictures.before ? ["two"] : []), ...(steps.length > 1 ? ["steps"] : [])],
      step_days: facts.step_days,
      paint() {
        const { heat } = facts;
        const counted = (name) => say("hotspots_list_count", { count: number(heat.pictures[name]?.counted ?? 0) });
        const on = (target, name) => (heat.pictures[name] ? paintPicture(target, `heat ${name}`, heat.pictures[name], heat) : clear(target));
        if (chosen.time === "steps") {
          beside.close();
          stepper.open(steps.length, (step) => {
            on(first, String(step));
            return `${titled_step(facts.step_days, step, steps.length, facts.spans[step])} · ${counted(step)}`;
          });
        } else paintPeriods(on, counted);
      },
      body() {
        const { counted, left_out } = facts.heat.pictures.now;
        return [quiet(chosen.time === "steps" ? say("patrol_span", { from_day: facts.spans[0][0], to_day: facts.spans[steps.at(-1)][1] }) : span("now")), begin(), scale(facts.heat), quiet(say("hotspots_fixed", { top: value(facts.heat.scale.at(-1)) })),
          chosen.time === "steps" ? null : quiet(say("hotspots_counted", { count: number(counted) }), " ", left_out ? say("hotspots_left_out", { count: number(left_out) }) : "")];
      },
    },

    areas: {
      table: (name) => facts.areas[`${chosen.level.areas}|${chosen.per}|${name}`],
      missing() { return this.table("now") ? null : `significance|${chosen.level.areas}|${chosen.per}|now`; },
      controls: () => [periods(),
        pick(say("hotspots_level"), levelTitles(facts.area_levels), chosen.level.areas, (level) => { chosen.level.areas = level; paint(); }),
        pick(say("hotspots_per"), facts.pers.map((per) => [per, say(`hotspots_per_${per}`)]), chosen.per, (per) => { chosen.per = per; paint(); })],
      times() { return this.table("before") ? ["one", "two"] : ["one"]; },
      look(table, line) {
        const named = table.columns.class[line], core = table.columns.core?.[line];
        const hatched = facts.colours.hatched.includes(named), none = named === "none" && !core;
        return { color: core ? "#2b1a1e" : "#8a8f98", weight: core ? 2.4 : 0.6, opacity: core ? 0.95 : 0.6,
          fillColor: hatched ? hatch : facts.colours.classes[core && named === "none" ? "hot_90" : named], fillOpacity: hatched ? 0.9 : none ? 0.15 : core ? 0.88 : 0.72 };
      },
      on(target, name) {
        const table = this.table(name);
        if (!table) return clear(target);
        const order = rowsOf(table).sort((a, b) => strength(table, a) - strength(table, b));
        return paintAreas(target, table, order, (line) => this.look(table, line),
          (line) => why.area(at(table, line), chosen.per, facts.colours.classes[table.columns.class[line]]),
          (line) => why.title(at(table, line)));
      },
      paint() {
        const hot = (name) => say("hotspots_week_hot", { count: number(this.hot(this.table(name))) });
        paintPeriods((target, name) => this.on(target, name), hot);
      },
      hot: (table) => table.columns.class.filter((named) => named.startsWith("hot")).length,
      found(table) {
        const hot = this.hot(table), units = number(table.facts.units);
        const wrong = table.facts.found.find((one) => one.level === 90)?.false_cells ?? 0;
        return hot ? say("hotspots_found", { hot: number(hot), units, false_cells: number(Number(wrong.toFixed(1))) }) : say("hotspots_found_none", { units });
      },
      body() {
        const table = this.table("now"), told = table.facts;
        const counts = (named) => table.columns.class.filter((one) => one === named).length;
        const shown = LEVELS.filter((named) => counts(named) || /hot|none/.test(named));
        const hot = this.hot(table);
        const rows = rowsOf(table).filter((line) => table.columns.class[line].startsWith("hot")).sort((a, b) => strength(table, b) - strength(table, a));
        return [quiet(span(chosen.per === "patrol" ? "patrol" : "now")), chosen.per === "patrol" ? null : begin(),
          make("p", { className: "figure said" }, this.found(table)),
          chosen.time === "two" ? quiet(say("hotspots_before_found", { said: this.found(this.table("before")) })) : null,
          make("div", { id: "scale" }, ...shown.map((named) => row(facts.colours.classes[named], say(`hotspots_class_${named}`), counts(named), facts.colours.hatched.includes(named) ? "hatched" : "")),
            hot ? row(facts.colours.classes.hot_99, say("hotspots_core"), table.columns.core.filter(Boolean).length, "rim") : null),
          told.rate === null ? null : quiet(say("hotspots_usual", { rate: number(Number(told.rate.toPrecision(3))), unit: say(`hotspots_rate_${chosen.per}`) })),
          told.insufficient ? quiet(say("hotspots_insufficient", { count: number(told.insufficient) })) : null,
          rows.length ? listed(say("hotspots_list"), rows, (line, nth) => {
            const code = table.columns.code[line];
            return place(nth, why.name(code), code, () => goTo(table.rows.get(line)), say("hotspots_list_count", { count: number(table.columns.count[line]) }),
              say("hotspots_list_ratio", { ratio: table.columns.ratio[line] }));
          }, say("hotspots_list_hint")) : null];
      },
    },

    changes: {
      table: () => facts.changes[chosen.level.changes],
      missing() { return this.table() ? null : `emerging|${chosen.level.changes}`; },
      controls() {
        return [pick(say("hotspots_level"), levelTitles(facts.change_levels), chosen.level.changes, (level) => { chosen.level.changes = level; paint(); })];
      },
      times() { return this.table().columns.states ? ["overall", "steps"] : ["overall"]; },
      step_days: WEEK_DAYS,
      steps() { return this.table().facts.steps; },
      look: (colour, strong) => ({ color: strong ? "#2b1a1e" : "#8a8f98", weight: strong ? 1.2 : 0.6, opacity: 0.7, fillColor: colour, fillOpacity: strong ? 0.8 : 0.15 }),
      popup(table, line) {
        return why.change(at(table, line), this.steps(), Object.fromEntries(Object.entries(STATES).map(([state, [, colour]]) => [state, colour])));
      },
      paint() {
        const table = this.table(), steps = this.steps();
        beside.close();
        if (chosen.time !== "steps") {
          const word = (line) => table.columns.word[line];
          const look = (line) => (word(line) === "insufficient" ? { ...this.look(hatch, false), fillOpacity: 0.9 } : this.look(facts.colours.words[word(line)], word(line) !== "none"));
          const order = rowsOf(table).sort((a, b) => WORDS.indexOf(word(b)) - WORDS.indexOf(word(a)));
          paintAreas(first, table, order, look, (line) => this.popup(table, line), (line) => facts.named[`word_${word(line)}`]);
          return;
        }
        stepper.open(steps, (step) => {
          const state = (line) => table.columns.states[line]?.[step] ?? "0";
          paintAreas(first, table, rowsOf(table).sort((a, b) => (state(a) === "+") - (state(b) === "+")), (line) => this.look(STATES[state(line)][1], state(line) !== "0"),
            (line) => this.popup(table, line), (line) => say(STATES[state(line)][0]));
          const hot = rowsOf(table).filter((line) => state(line) === "+").length;
          return `${titled_step(WEEK_DAYS, step, steps, week(step))} · ${say("hotspots_week_hot", { count: number(hot) })}`;
        });
      },
      body() {
        const table = this.table();
        const count = (word) => table.columns.word.filter((one) => one === word).length;
        const shown = WORDS.filter((word) => word !== "insufficient" || count(word));
        const rows = rowsOf(table).filter((line) => ["worse", "new", "lasting", "fading"].includes(table.columns.word[line]))
          .sort((a, b) => WORDS.indexOf(table.columns.word[a]) - WORDS.indexOf(table.columns.word[b]) || table.columns.count[b] - table.columns.count[a]);
        const [from_day, to_day] = facts.spans.emerging;
        const key = chosen.time === "steps"
          ? SHOWN_STATES.map((state) => row(STATES[state][1], say(STATES[state][0]), null))
          : shown.map((word) => row(facts.colours.words[word], facts.named[`word_${word}`], count(word), word === "insufficient" ? "hatched" : ""));
        return [quiet(say("patrol_span", { from_day, to_day })), make("div", { id: "scale" }, ...key),
          rows.length ? listed(say("hotspots_changes_list"), rows, (line, nth) => {
            const code = table.columns.code[line];
            return place(nth, why.name(code), code, () => goTo(table.rows.get(line)), facts.named[`word_${table.columns.word[line]}`], say("hotspots_list_count", { count: number(table.columns.count[line]) }));
          }) : null];
      },
    },

    alarm: {
      missing: () => (facts.alarm ? null : "scan"),
      controls: () => [],
      alarmed: (line) => facts.alarm.columns.p[line] <= ALARM,
      paint() {
        const colour = facts.colours.crowd;
        paintShapes(first, facts.alarm, (line) => ({ color: colour, weight: this.alarmed(line) ? 3 : 2, dashArray: this.alarmed(line) ? null : "6 6", fillColor: colour, fillOpacity: this.alarmed(line) ? 0.3 : 0.06 }),
          (line) => why.circle(at(facts.alarm, line), this.alarmed(line)));
      },
      body() {
        const { columns, size } = facts.alarm;
        const alarms = columns.p.filter((p) => p <= ALARM).length;
        const [from_day, to_day] = facts.spans.scan;
        const said = alarms ? say("hotspots_alarm_yes", { count: number(columns.count[0]), expected: number(columns.expected[0]) }) : say("hotspots_alarm_no");
        return [quiet(say("patrol_span", { from_day, to_day })), make("p", { className: "figure said" }, said),
          size ? row(facts.colours.crowd, say(alarms ? "hotspots_alarm_legend" : "hotspots_alarm_legend_no"), null, alarms ? "" : "dashed") : null,
          size ? listed(say("hotspots_alarm_list"), columns.p.map((_, line) => line), (line, nth) => place(nth, say("hotspots_near", { name: why.name(columns.near[line]) }), null,
            () => goTo(facts.alarm.drawn[line]), say("hotspots_list_count", { count: number(columns.count[line]) }), say("hotspots_list_ratio", { ratio: columns.ratio[line] }),
            ...(columns.days?.[line] ? [say("hotspots_alarm_days", { days: columns.days[line] })] : []))) : null];
      },
    },

    forecast: {
      missing: () => (facts.forecast ? null : "forecast"),
      controls: () => (facts.forecast ? [looks()] : []),
      paint() { paintPicture(first, "forecast", facts.forecast.picture, facts.forecast); },
      body() {
        const { told } = facts.forecast;
        const best = told.find((one) => one.share === 0.02) || told[0];
        const percent = (share) => Math.round(100 * share);
        const cells = (one) => [`${why.percent(one.share)} %`, `${percent(one.hit_rate)} % (${percent(one.hit_rate_low)}–${percent(one.hit_rate_high)})`, number(Number(one.pai.toPrecision(2))), `${percent(one.pei)} %`];
        const head = make("tr", {}, ...["area", "hit", "pai", "pei"].map((key) => make("th", { scope: "col" }, say(`hotspots_told_${key}`))));
        return [quiet(say("hotspots_next", { day: facts.spans.forecast[0] })), scale(facts.forecast, "hotspots_unit_forecast"), quiet(say("hotspots_forecast_scale", { top: value(facts.forecast.scale.at(-1), "hotspots_unit_forecast") })),
          best ? make("div", { id: "told" }, make("b", {}, say("hotspots_told")),
            make("p", { className: "said" }, say("hotspots_told_lead", { area: why.percent(best.share), hit: percent(best.hit_rate), pai: number(Number(best.pai.toPrecision(2))) })),
            make("table", { className: "busiest" }, make("thead", {}, head), make("tbody", {}, ...told.map((one) => make("tr", {}, ...cells(one).map((cell) => make("td", {}, cell))))))) : null];
      },
    },

    clusters: {
      missing: () => (facts.clusters ? null : "clusters"),
      controls: () => [periods()],
      paint() {
        const colour = facts.colours.cluster;
        paintShapes(first, facts.clusters, () => ({ color: colour, weight: 2, fillColor: colour, fillOpacity: 0.3 }), (line) => why.cluster(at(facts.clusters, line)));
      },
      body() {
        const { columns, size, shapes } = facts.clusters;
        if (!size) return [make("p", { className: "figure said" }, say("hotspots_cluster_none"))];
        const [from_day, to_day] = facts.spans.clusters;
        return [quiet(say("patrol_span", { from_day, to_day })), begin(), make("p", { className: "figure said" }, say("hotspots_cluster_found", { count: number(size) })),
          shapes.length < size ? quiet(say("hotspots_cluster_shown", { shown: number(shapes.length) })) : null,
          row(facts.colours.cluster, say("hotspots_cluster_legend"), null),
          listed(say("hotspots_list"), columns.category.map((_, line) => line), (line, nth) => place(nth, columns.category[line], why.name(columns.near[line]), () => goTo(facts.clusters.drawn[line]), say("hotspots_list_count", { count: number(columns.count[line]) })))];
      },
    },
  };

  // How striking: by class, the cores of each first, then by how many times the usual.
  function strength(table, line) {
    const named = table.columns.class[line];
    const rank = named.startsWith("hot") ? Number(named.slice(4)) : named.startsWith("cold") ? 1 : named === "none" ? 0.5 : 0;
    return 1e6 * rank + (table.columns.core?.[line] ? 5e5 : 0) + Math.min(table.columns.ratio[line] ?? 0, 4e5);
  }

  // Of the grids below: what there is, and in a picture also how much.
  function popup(layer, line) {
    const told = gridwarden.popup(layer, line);
    const density = first?.image && clicked ? first.picture?.at(clicked) : null;
    if (density === null || density === undefined) return told;
    const [title, ...rest] = told.childNodes;
    const lead = make("p", { className: "lead" }, make("b", {}, say("hotspots_here", { value: value(density, chosen.mode === "forecast" ? "hotspots_unit_forecast" : "hotspots_unit") })));
    return make("div", { className: "popup" }, title, lead, ...rest);
  }

  const draw = gridwarden.layers(map, facts.layers, popup);
  const first = surfaceOf(map);
  let second = null;
  const outlines = L.layerGroup();
  const toggle = make("input", { type: "checkbox", checked: true });
  toggle.onchange = () => {
    facts.layers.forEach((layer) => { layer.shown = toggle.checked; draw.refresh(layer); });
    first.group.bringToFront();
    if (second) outlines[toggle.checked ? "addTo" : "removeFrom"](second.map);
    second?.group.bringToFront();
  };
  const beside = gridwarden.beside(map, (other) => {
    facts.layers.filter((layer) => layer.name === "grids" && layer.shown).forEach((layer) => layer.shapes.forEach((shape, line) => {
      const style = layer.filters[0].item.get(layer.columns.level[line]).style;
      outlines.addLayer(L.GeoJSON.geometryToLayer(gridwarden.shape(shape), { ...style, weight: 0.6 * style.weight, fill: false, interactive: false }));
    }));
    if (toggle.checked) outlines.addTo(other);
    draw.nameAlso(other);
  });
  const stepper = gridwarden.stepper(map);
  const lead = make("p", { className: "quiet" }), controls = make("div", { id: "controls" }), times = make("div", { id: "times" }), body = make("div", { id: "view" });

  function paint() {
    const view = views[chosen.mode];
    stepper.close();
    const lacking = view.missing();
    if (lacking) {
      beside.close();
      clear(first);
      offerTimes(["one"]);
      return body.replaceChildren(...missing(lacking));
    }
    if (!["heat", "forecast"].includes(chosen.mode)) { first.image?.remove(); first.image = null; }
    else first.group.clearLayers();
    offerTimes(view.times?.() ?? ["one"], view.step_days);
    if (chosen.time !== "two") beside.close();
    view.paint();
    return body.replaceChildren(...view.body().filter(Boolean));
  }

  function look(mode) {
    Object.assign(chosen, { mode, time: "one" });
    lead.textContent = say(`hotspots_lead_${mode}`);
    const view = views[mode];
    controls.replaceChildren(...view.controls().filter(Boolean));
    history.replaceState(null, "", `#${mode}`);
    document.getElementById("language").hash = mode;
    [first, second].forEach((target) => target && clear(target));
    paint();
  }

  const begun = Math.max(facts.modes.indexOf(location.hash.slice(1)), 0);
  const modes = titled("hotspots_modes", choices(facts.modes.map((mode) => say(`hotspots_mode_${mode}`)), begun, (position) => look(facts.modes[position])));
  modes.id = "modes";
  panel.replaceChildren(modes, lead, controls, times, body, make("label", { className: "row" }, toggle, say("outlines")));
  look(facts.modes[begun]);
};
