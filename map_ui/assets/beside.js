// A second map beside the first (on a phone below it) that always shows the same place.
"use strict";
gridwarden.beside = function (map, outlines) {
  const { make } = gridwarden;
  const frame = document.getElementById("canvas");
  const narrow = () => window.matchMedia("(max-width: 700px)").matches;
  const captions = [0, 1].map(() => make("div", { className: "caption" }));
  const room = gridwarden.clear.right[0];
  let other = null, moving = false, former = null;

  function follow(from, to) {
    from.on("move", () => {
      if (moving || !frame.classList.contains("two")) return;
      moving = true;
      to.setView(from.getCenter(), from.getZoom(), { animate: false });
      moving = false;
    });
  }

  function made() {
    const place = make("div", { id: "beside" });
    frame.append(place);
    const { zoomSnap, zoomDelta, wheelPxPerZoomLevel, minZoom, maxZoom } = map.options;
    other = L.map(place, { zoomSnap, zoomDelta, wheelPxPerZoomLevel, minZoom, maxZoom, zoomControl: false, attributionControl: false });
    other.options.renderer = L.canvas({ tolerance: 4, padding: 0.3 }).addTo(other);
    other.setView(map.getCenter(), map.getZoom());
    outlines(other);
    follow(map, other);
    follow(other, map);
    [map, other].forEach((one, nth) => one.getContainer().append(captions[nth]));
  }

  // What is seen beside the panel.
  function seen() {
    const size = map.getSize();
    return L.latLngBounds(map.containerPointToLatLng([0, 0]), map.containerPointToLatLng([size.x - gridwarden.clear.right[0] + 10, size.y]));
  }

  function resize(bounds) {
    map.invalidateSize({ pan: false });
    other.invalidateSize({ pan: false });
    // What a title lies on is not seen.
    map.fitBounds(bounds, { animate: false, paddingTopLeft: [0, captions[0].offsetHeight], paddingBottomRight: [gridwarden.clear.right[0] - 10, 0] });
  }

  // Shows both, each under its title.
  function open(titles) {
    const opened = frame.classList.contains("two");
    const bounds = seen(), whole = L.latLngBounds(gridwarden.facts.bounds);
    frame.classList.add("two");
    if (!other) made();
    captions.forEach((caption, nth) => { caption.textContent = titles[nth]; });
    gridwarden.clear.right[0] = 10;
    if (narrow()) document.getElementById("panel").open = false;
    if (!opened) {
      // Half as much room: whoever sees the whole city sees no more than it.
      resize(bounds.contains(whole) ? whole : bounds);
      former = { bounds, shown: map.getBounds() };
    }
    return other;
  }

  function close() {
    if (!frame.classList.contains("two")) return;
    // Whoever has not moved comes back to where they were.
    const bounds = map.getBounds().equals(former.shown) ? former.bounds : seen();
    frame.classList.remove("two");
    gridwarden.clear.right[0] = room;
    resize(bounds);
  }

  return { open, close };
};
