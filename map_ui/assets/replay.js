// The replay of one person's day, for those who may see it: where they were, and what of it was counted.
"use strict";
gridwarden.replay = function (map, length, aside) {
  const { make, say } = gridwarden;
  // An instant, in seconds, as the city's clocks show it.
  const clock = (seconds) => new Date(1000 * seconds).toLocaleString("sv-SE", { timeZone: gridwarden.facts.zone, dateStyle: "short", timeStyle: "short" });
  const TRACKS = "../api/v1/tracks", MOST_PAGES = 20, STEP_S = 30, TICK_MS = 60, ABOVE_PX = 70;
  const words = make("p", { className: "quiet", role: "status" });
  const day = make("select", {}), person = make("select", {});
  const time = make("input", { type: "range", id: "moment", min: 0, max: 0, step: 1, value: 0, "aria-label": say("replay_time") });
  const play = make("button", { type: "button" }, say("replay_play"));
  const moment = make("output", { htmlFor: "moment" });
  const player = make("div", { id: "player", hidden: true }, moment, make("div", { className: "row" }, play, time), make("p", { className: "quiet" }, say("replay_legend")));
  const drawn = L.layerGroup();
  let days = null, shown = null, ticking = 0;

  // What the server gives, or its refusal in words.
  async function asked(address) {
    const answer = await fetch(address, { headers: { Accept: "application/json", "Accept-Language": document.documentElement.lang } });
    if (answer.ok) return answer.json();
    const key = { 401: "fault_401", 403: "replay_refused", 404: "replay_gone" }[answer.status] ?? "replay_failed";
    throw Object.assign(new Error(key), { key });
  }

  async function told(work) {
    words.textContent = say("replay_wait");
    try { words.textContent = (await work()) ?? ""; } catch (fault) { words.textContent = say(fault.key ?? "replay_failed"); }
  }

  async function list() {
    const found = [];
    let address = TRACKS;
    for (let page = 0; address && page < MOST_PAGES; page += 1) {
      const answer = await asked(address);
      found.push(...answer.days);
      address = answer.next ? `${TRACKS}?after=${encodeURIComponent(answer.next)}` : null;
    }
    return found;
  }

  const option = (value, text) => make("option", { value }, text);

  async function open() {
    days = await list();
    if (!days.length) return say("replay_none");
    const known = [...new Set(days.map((one) => one.day))].sort().reverse();
    day.replaceChildren(...known.map((one) => option(one, one)));
    people();
    return "";
  }

  function people() {
    stop();
    const there = days.filter((one) => one.day === day.value).sort((a, b) => a.carrier.localeCompare(b.carrier));
    person.replaceChildren(option("", say("replay_pick")), ...there.map((one) => option(one.carrier, say("replay_row", { person: one.carrier, walked: length(one.walked_m) }))));
    clear();
  }

  function clear() {
    drawn.clearLayers();
    if (shown) aside(false);
    shown = null;
    player.hidden = true;
    words.textContent = "";
  }

  // Pieces of the track as [position, …] with their times, and passes in order of time.
  function read(answer) {
    const features = answer.features.filter((one) => one.geometry?.type === "LineString");
    const line = (one) => one.geometry.coordinates.map(([x, y]) => [y, x]);
    const of = (kind) => features.filter((one) => one.properties.kind === kind);
    const pieces = of("track").map((one) => ({ at: line(one), t: one.properties.t }));
    const passes = of("pass").map((one) => ({ at: line(one), ...one.properties })).sort((a, b) => a.t_in - b.t_in);
    return { pieces, passes };
  }

  async function load() {
    stop();
    clear();
    if (!person.value) return "";
    const { pieces, passes } = read(await asked(`${TRACKS}/${encodeURIComponent(person.value)}/${day.value}`));
    const times = [...pieces.flatMap((one) => one.t), ...passes.map((one) => one.t_in)];
    if (!times.length) return say("replay_gone");
    const thin = { color: "#c2185b", weight: 1.5, opacity: 0.9, interactive: false };
    shown = {
      pieces: pieces.map((one) => ({ ...one, line: L.polyline([], thin).addTo(drawn) })),
      passes: passes.map((one) => ({ ...one, line: L.polyline(one.at, { color: "#00695c", weight: 6, opacity: 0.15 + 0.75 * one.confidence, interactive: false }) })),
      dot: L.circleMarker([0, 0], { radius: 7, color: "#ffffff", weight: 2, fillColor: "#c2185b", fillOpacity: 1, interactive: false }),
    };
    aside(true);
    time.min = Math.floor(Math.min(...times));
    time.max = Math.ceil(Math.max(...times));
    time.value = time.min;
    player.hidden = false;
    const below = player.offsetHeight + ABOVE_PX;
    gridwarden.show(L.latLngBounds([...pieces, ...passes].flatMap((one) => one.at)), { maxZoom: 17, paddingBottomRight: [gridwarden.clear.right[0], below] });
    const { fault } = days.find((one) => one.carrier === person.value && one.day === day.value);
    paint();
    return fault ? say("replay_fault", { reason: fault.detail }) : "";
  }

  // Everything up to the moment chosen; the dot between the two positions around it.
  function paint() {
    const now = Number(time.value);
    let here = null;
    shown.pieces.forEach(({ at, t, line }) => {
      const count = t.filter((one) => one <= now).length;
      const path = at.slice(0, count);
      if (count && count < at.length) {
        const share = (now - t[count - 1]) / Math.max(t[count] - t[count - 1], 1e-9);
        path.push([0, 1].map((axis) => at[count - 1][axis] + share * (at[count][axis] - at[count - 1][axis])));
      }
      line.setLatLngs(path);
      if (path.length) here = path.at(-1);
    });
    let walked = 0;
    shown.passes.forEach(({ t_in, line, from_m, to_m }) => {
      if (t_in > now) return line.remove();
      walked += Math.abs(to_m - from_m);
      return line.addTo(drawn);
    });
    if (here) shown.dot.setLatLng(here).addTo(drawn).bringToFront();
    const said = say("replay_now", { time: clock(now), walked: length(walked) });
    moment.textContent = said;
    time.setAttribute("aria-valuetext", said);
  }

  function stop() {
    clearInterval(ticking);
    ticking = 0;
    play.textContent = say("replay_play");
  }

  play.onclick = () => {
    if (ticking) return stop();
    if (Number(time.value) >= Number(time.max)) time.value = time.min;
    play.textContent = say("replay_pause");
    ticking = setInterval(() => {
      time.value = Number(time.value) + STEP_S;
      paint();
      if (Number(time.value) >= Number(time.max)) stop();
    }, TICK_MS);
    return ticking;
  };
  time.oninput = paint;
  day.onchange = people;
  person.onchange = () => told(load);
  const choice = (key, select) => make("label", { className: "row" }, say(key), select);
  const section = make("details", { className: "section", id: "replay" }, make("summary", {}, make("b", {}, say("replay"))),
    make("p", { className: "quiet" }, say("replay_privacy")), choice("replay_day", day), choice("replay_person", person), words);
  // On the map itself, so that it is there when a telephone's panel is shut.
  const control = L.control({ position: "bottomleft" });
  control.onAdd = () => { L.DomEvent.disableClickPropagation(player); return player; };
  control.addTo(map);
  section.addEventListener("toggle", () => {
    if (section.open && !days) told(open);
    if (section.open) drawn.addTo(map);
    else { person.value = ""; stop(); clear(); }
  });
  return section;
};
