// Plans of patrol: routes, lists, what is left out, and changes by hand.
"use strict";
gridwarden.patrol = function (map, facts, panel) {
  const { make, say, number } = gridwarden;
  const { plan } = facts;
  gridwarden.layers(map, facts.layers, gridwarden.popup);
  const drawn = L.featureGroup().addTo(map);
  const fault = make("p", { className: "figure", role: "alert" });
  let chosen = null;

  const flipped = (line) => line.map(([lon, lat]) => [lat, lon]);
  const colour = (route, step) => (!route.seen ? route.colour : step.done ? "#009e73" : "#e69f00");

  function paint() {
    drawn.clearLayers();
    plan.routes.filter((route) => chosen === null || route === chosen).forEach((route) => {
      route.ways.forEach((line) => L.polyline(flipped(line), { color: route.seen ? "#777" : route.colour, weight: 3, dashArray: "6 5", interactive: false }).addTo(drawn));
      route.steps.forEach((step) => {
        const words = make("div", {}, make("b", {}, `${step.number || ""} ${step.name}`), make("br"), `${step.begin}–${step.leave}`, ...step.reasons.map((one) => make("div", {}, one)));
        if (step.line) L.polyline(flipped(step.line), { color: colour(route, step), weight: 6 })
          .bindTooltip(String(step.number), { permanent: true, direction: "right", className: "tag" }).bindPopup(words).addTo(drawn);
        else if (step.number) {
          L.circleMarker([step.at[1], step.at[0]], { radius: 8, color: colour(route, step), fillColor: "#fff", fillOpacity: 1, weight: 3 })
            .bindTooltip(String(step.number), { permanent: true, direction: "right", offset: [8, 0], className: "tag" }).bindPopup(words).addTo(drawn);
        }
      });
    });
  }

  // Sends something over the edition that is shown; the page is loaded anew with what came of it.
  function send(path, method, body) {
    fault.textContent = "";
    fetch(`/api/v1/plans/${plan.number}/${path}?lang=${document.documentElement.lang.slice(0, 2)}`, {
      method, headers: { "Content-Type": "application/json", "If-Match": `"${plan.edition}"` }, body: body && JSON.stringify(body),
    }).then(async (answer) => {
      if (answer.ok) location.reload();
      else {
        const told = await answer.json();
        fault.textContent = answer.status === 412 ? `${say("plan_stale")} ` : told.detail || told.title;
        // Somebody was faster: what they did is to be seen first.
        if (answer.status === 412) fault.append(make("button", { type: "button", className: "more", onclick: () => location.reload() }, say("plan_reload")));
        fault.scrollIntoView({ block: "nearest" });
      }
    }).catch((problem) => { fault.textContent = String(problem); });
  }
  const change = (said) => send("changes", "POST", said);
  const button = (key, onclick, disabled) => make("button", { type: "button", onclick, disabled: Boolean(disabled) }, say(key));

  // What is urgent is put in where the map is clicked next.
  function asking(at) {
    const name = make("input", { type: "text", required: true, maxLength: 200 });
    const minutes = make("input", { type: "number", required: true, min: "1", max: "720", value: "15" });
    const must = make("input", { type: "checkbox", checked: true });
    const form = make("form", { className: "urgent" }, make("label", {}, say("plan_urgent_name"), name),
      make("label", {}, say("plan_urgent_minutes"), minutes), make("label", { className: "row" }, must, say("plan_urgent_must")),
      make("button", { type: "submit", className: "more" }, say("plan_urgent_send")));
    const popup = L.popup().setLatLng(at).setContent(form).openOn(map);
    form.onsubmit = (event) => {
      event.preventDefault();
      const code = `urgent:${plan.number}:${plan.edition}`;
      change({ kind: "insert", stop: { code, name: name.value, lon: at.lng, lat: at.lat, service_s: 60 * minutes.valueAsNumber, must: must.checked } });
      map.closePopup(popup);
    };
    name.focus();
  }
  function urgent(beside) {
    const container = map.getContainer();
    const hint = make("p", { className: "quiet", hidden: true }, say("plan_urgent_where"));
    const start = make("button", { type: "button", className: "more", "aria-pressed": "false" }, say("plan_urgent"));
    const aim = (on) => {
      hint.hidden = !on;
      start.setAttribute("aria-pressed", String(on));
      container.style.cursor = on ? "crosshair" : "";
      // Before what lies there hears of the click.
      container[on ? "addEventListener" : "removeEventListener"]("click", placed, true);
    };
    const placed = (event) => {
      if (event.target.closest(".leaflet-control, .leaflet-popup") || map.dragging.moved()) return;
      event.stopPropagation();
      aim(false);
      asking(map.mouseEventToLatLng(event));
    };
    start.onclick = () => {
      aim(hint.hidden);
      // On a phone the panel covers half of the map.
      if (!hint.hidden && window.matchMedia("(max-width: 700px)").matches) document.getElementById("panel").open = false;
    };
    return make("div", {}, beside, " ", start, hint);
  }

  function buttons(route, step) {
    const open = [...new Set(route.steps.filter((one) => one.number && !one.done).map((one) => one.code))];
    const at = open.indexOf(step.code);
    const swapped = (by) => {
      const codes = [...open];
      [codes[at], codes[at + by]] = [codes[at + by], codes[at]];
      change({ kind: "reorder", patroller: route.patroller, codes });
    };
    const others = plan.routes.filter((one) => one !== route);
    const give = make("select", { "aria-label": say("plan_move") }, make("option", { value: "" }, say("plan_move")),
      ...others.map((one) => make("option", { value: one.patroller }, one.name)));
    give.onchange = () => give.value && change({ kind: "move", code: step.code, patroller: give.value });
    return make("div", { className: "row" },
      button("plan_up", () => swapped(-1), at < 1), button("plan_down", () => swapped(1), at < 0 || at === open.length - 1),
      button(step.locked ? "plan_unlock" : "plan_lock", () => change({ kind: step.locked ? "unlock" : "lock", code: step.code })),
      button("plan_remove", () => change({ kind: "remove", code: step.code }), step.locked), others.length ? give : "");
  }

  function routeList(route, nth) {
    const rows = route.steps.map((step) => make("tr", {}, make("td", {},
      make("b", {}, `${step.number ? `${step.number}. ` : ""}${step.name}`), ` ${step.begin}–${step.leave}`, step.locked ? " 🔒" : "",
      step.leg_m ? make("small", {}, ` · ${say("metres", { value: number(step.leg_m) })}`) : "",
      ...step.reasons.map((one) => make("div", {}, make("small", {}, one))),
      facts.served && step.number ? buttons(route, step) : "")));
    const swatch = make("i", { className: "chip" });
    swatch.style.background = route.colour;
    const share = make("i");
    share.style.width = `${100 * route.load}%`;
    share.style.background = route.colour;
    const list = make("details", { className: "section" },
      make("summary", {}, make("span", {}, swatch, make("b", {}, `${nth + 1}. ${route.name}`), ` ${say("plan_load", { tasks: number(route.tasks), metres: number(route.metres), begin: route.begin, end: route.end })}`,
        route.seen ? ` · ${say("plan_walked", { done: number(route.done), planned: number(route.planned) })}` : "",
        make("div", { className: "shares", "aria-hidden": "true" }, share))),
      facts.served ? make("a", { href: `/api/v1/plans/${plan.number}/sheets/${encodeURIComponent(route.patroller)}`, target: "_blank" }, say("plan_sheet")) : "",
      make("table", { className: "busiest words" }, make("tbody", {}, ...rows)));
    list.ontoggle = () => {
      if (list.open) chosen = route;
      else if (chosen === route) chosen = null;
      paint();
    };
    return list;
  }

  function dropped() {
    const rows = plan.dropped.map((task) => make("tr", {}, make("td", {}, make("b", {}, task.name), make("div", {}, task.reason), make("small", {}, task.needs))));
    return make("details", { className: "section" }, make("summary", {}, make("b", {}, say("plan_dropped", { count: number(rows.length) }))),
      make("table", { className: "busiest words" }, make("tbody", {}, ...rows)));
  }

  const options = facts.plans.map((one) => make("option", { value: String(one.number), selected: one.number === plan?.number }, one.title));
  const pick = make("select", { "aria-label": say("plan_pick"), disabled: !facts.served }, ...options);
  pick.onchange = () => { location.search = new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(location.search)), plan: pick.value }); };
  if (!plan) {
    panel.replaceChildren(make("p", { className: "figure" }, say("plan_none")));
    return;
  }
  const publishing = plan.state === "published" ? button("plan_withdraw", () => send("publication", "DELETE")) : button("plan_publish", () => send("publication", "POST"));
  publishing.className = "more";
  const told = plan.told.length ? make("div", { id: "meant", role: "status" }, make("b", {}, say("plan_told")), make("ul", {}, ...plan.told.map((one) => make("li", {}, one)))) : "";
  panel.replaceChildren(make("label", { className: "row" }, make("b", {}, say("plan_pick")), pick), ...(facts.served ? [urgent(publishing)] : []), fault, told,
    ...plan.routes.map(routeList), dropped(), ...plan.bound.map((one) => make("p", { className: "quiet" }, one)), make("p", { className: "quiet" }, say("plan_meaning")));
  paint();
  if (drawn.getLayers().length) map.fitBounds(drawn.getBounds(), { paddingBottomRight: gridwarden.clear.right, maxZoom: 17 });
};
