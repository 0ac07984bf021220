// The heat as a surface: at each place the number of issues about it, the nearer counting more, as a colour.
// One issue alone is 1 where it lies, so the scale can be read in issues.
"use strict";
gridwarden.Surface = L.Layer.extend({
  // gradient: colours by share of the scale, which is a square root so that small numbers show beside large ones.
  initialize(gradient) {
    this.colours = gridwarden.palette(gradient);
    this.world = [];
  },

  // Three passes over five cells each way are nearly a normal curve; CENTRE is its height above a single issue.
  CELL_PX: 4, HALF: 2, PASSES: 3, CENTRE: (19 / 125) ** 2,
  // The radius of the circle that holds as much as the curve, and the least number that has the strongest colour.
  REACH_PX: 14, LEAST: 5,

  onAdd(map) {
    // Below grids and streets, so that these stay legible and a click is theirs.
    const pane = map.getPane("heat") || map.createPane("heat");
    this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide", pane);
    map.on("moveend resize", this.paint, this);
    this.paint();
  },

  onRemove(map) {
    map.off("moveend resize", this.paint, this);
    this.canvas.remove();
  },

  // Shows these points, [latitude, longitude] each.
  setPoints(points) {
    this.world = points.map((at) => L.CRS.EPSG3857.latLngToPoint(L.latLng(at), 0));
    if (this._map) this.paint();
  },

  paint() {
    const size = this._map.getSize().divideBy(this.CELL_PX).ceil();
    const beyond = this.HALF * this.PASSES;
    const columns = size.x + 2 * beyond;
    const rows = size.y + 2 * beyond;
    let cells = this.count(columns, rows, beyond);
    for (let pass = 0; pass < this.PASSES; pass += 1) {
      cells = this.blur(cells, columns, 1, rows, columns);
      cells = this.blur(cells, rows, columns, columns, 1);
    }
    const shown = new Float32Array(size.x * size.y);
    for (let row = 0; row < size.y; row += 1) {
      const start = (row + beyond) * columns + beyond;
      shown.set(cells.subarray(start, start + size.x), row * size.x);
    }
    this.most = shown.reduce((most, value) => Math.max(most, value), 0) / this.CENTRE;
    this.top = Math.max(this.LEAST, this.most);
    this.draw(shown, size);
    this.fire("painted");
  },

  // How many points lie in each cell of the view and a margin around it.
  count(columns, rows, beyond) {
    const cells = new Float32Array(columns * rows);
    const scale = 2 ** this._map.getZoom() / this.CELL_PX;
    const corner = this._map.getPixelBounds().min.divideBy(this.CELL_PX);
    for (const { x, y } of this.world) {
      const column = Math.floor(x * scale - corner.x) + beyond;
      const row = Math.floor(y * scale - corner.y) + beyond;
      if (column >= 0 && row >= 0 && column < columns && row < rows) cells[row * columns + column] += 1;
    }
    return cells;
  },

  // A running mean along lines of `length` cells `step` apart; there are `lines` of them, `next` apart.
  blur(cells, length, step, lines, next) {
    const out = new Float32Array(cells.length);
    const width = 2 * this.HALF + 1;
    for (let line = 0; line < lines; line += 1) {
      let sum = 0;
      for (let at = -this.HALF; at < length; at += 1) {
        const [enters, leaves] = [at + this.HALF, at - this.HALF - 1];
        if (enters < length) sum += cells[line * next + enters * step];
        if (leaves >= 0) sum -= cells[line * next + leaves * step];
        if (at >= 0) out[line * next + at * step] = sum / width;
      }
    }
    return out;
  },

  draw(shown, size) {
    Object.assign(this.canvas, { width: size.x, height: size.y });
    Object.assign(this.canvas.style, { width: `${size.x * this.CELL_PX}px`, height: `${size.y * this.CELL_PX}px` });
    L.DomUtil.setPosition(this.canvas, this._map.containerPointToLayerPoint([0, 0]));
    const image = new ImageData(size.x, size.y);
    shown.forEach((sum, at) => {
      const value = sum / this.CENTRE;
      const share = Math.min(1, Math.sqrt(Math.max(0, value) / this.top));
      const colour = 4 * Math.round(255 * share);
      image.data.set(this.colours.subarray(colour, colour + 3), 4 * at);
      // What is less than one issue fades out; the strongest covers the ground nearly.
      image.data[4 * at + 3] = Math.max(0, Math.min(1, value * 1.2 - 0.1)) * (130 + 110 * share);
    });
    this.canvas.getContext("2d").putImageData(image, 0, 0);
  },
});

// 256 colours of a gradient, four numbers each.
gridwarden.palette = function (gradient) {
  const canvas = gridwarden.make("canvas", { width: 256, height: 1 });
  const brush = canvas.getContext("2d");
  const colours = brush.createLinearGradient(0, 0, 256, 0);
  Object.entries(gradient).forEach(([share, colour]) => colours.addColorStop(Number(share), colour));
  brush.fillStyle = colours;
  brush.fillRect(0, 0, 256, 1);
  return brush.getImageData(0, 0, 256, 1).data;
};
