// Steps of time: a slider and a button that plays them, on the map itself so that it is there when a phone's panel is shut.
"use strict";
gridwarden.stepper = function (map) {
  const { make, say } = gridwarden;
  const TICK_MS = 900;
  const words = make("output", { htmlFor: "step" });
  const time = make("input", { type: "range", id: "step", min: 0, max: 0, step: 1, value: 0, "aria-label": say("hotspots_time") });
  const play = make("button", { type: "button" }, say("hotspots_play"));
  const player = make("div", { id: "player", hidden: true }, words, make("div", { className: "row" }, play, time));
  let ticking = 0, shown = () => "";

  function paint() {
    const said = shown(Number(time.value));
    words.textContent = said;
    time.setAttribute("aria-valuetext", said);
  }

  function stop() {
    clearInterval(ticking);
    ticking = 0;
    play.textContent = say("hotspots_play");
  }

  play.onclick = () => {
    if (ticking) return stop();
    if (Number(time.value) >= Number(time.max)) time.value = time.min;
    play.textContent = say("hotspots_pause");
    paint();
    ticking = setInterval(() => {
      time.value = Number(time.value) + 1;
      paint();
      if (Number(time.value) >= Number(time.max)) stop();
    }, TICK_MS);
    return ticking;
  };
  time.oninput = () => { stop(); paint(); };

  // As many steps as `count`, the last one first; `show` draws a step and says which it is.
  function open(count, show) {
    stop();
    Object.assign(time, { max: count - 1, value: count - 1 });
    shown = show;
    player.hidden = false;
    if (window.matchMedia("(max-width: 700px)").matches) document.getElementById("panel").open = false;
    paint();
  }

  function close() {
    stop();
    player.hidden = true;
  }

  const control = L.control({ position: "bottomleft" });
  control.onAdd = () => { L.DomEvent.disableClickPropagation(player); return player; };
  control.addTo(map);
  return { open, close, get step() { return Number(time.value); } };
};
