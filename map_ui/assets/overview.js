// The overview: all layers, and the legend that switches them.
"use strict";
gridwarden.overview = function (map, facts, panel) {
  const draw = gridwarden.layers(map, facts.layers, gridwarden.popup);
  panel.replaceChildren(...gridwarden.switchboard(facts.layers, draw));
};
