// Heat from a picture of values. It is coloured here: one picture is drawn smooth or by class, and says what a place's value is.
"use strict";
gridwarden.HeatPicture = class {
  // scale: ends of the bands of values; colours: of each band but the lowest, which fades out or is not drawn; ground: polygons
  // that the picture is cut along.
  constructor({ png, bounds }, scale, colours, ground) {
    Object.assign(this, { png, bounds: L.latLngBounds(bounds), scale, bands: scale.length - 1, colours, ground });
    this.drawn = new Map();
  }

  // The pixels, once: 0 outside the city, 1 to 255 from the bottom of the scale to its top.
  async read() {
    if (this.bytes) return this;
    const image = new Image();
    image.src = this.png;
    await image.decode();
    const { width, height } = image;
    const brush = gridwarden.make("canvas", { width, height }).getContext("2d");
    brush.drawImage(image, 0, 0);
    const seen = brush.getImageData(0, 0, width, height).data;
    Object.assign(this, { width, height, bytes: Uint8Array.from({ length: width * height }, (_, at) => seen[4 * at]) });
    return this;
  }

  // Values between pixels, of those inside the city only, so that its border stays clear.
  between(x, y) {
    const inside = this.bytes[Math.min(Math.max(Math.round(y), 0), this.height - 1) * this.width + Math.min(Math.max(Math.round(x), 0), this.width - 1)];
    if (!inside) return 0;
    const [left, top] = [Math.floor(x), Math.floor(y)];
    let sum = 0, weight = 0;
    for (let dy = 0; dy < 2; dy += 1) {
      for (let dx = 0; dx < 2; dx += 1) {
        const [column, row] = [left + dx, top + dy];
        const value = column >= 0 && row >= 0 && column < this.width && row < this.height ? this.bytes[row * this.width + column] : 0;
        const share = (1 - Math.abs(x - column)) * (1 - Math.abs(y - row));
        if (value) { sum += share * value; weight += share; }
      }
    }
    return weight > 0 ? sum / weight : inside;
  }

  // Four numbers for each value of a pixel.
  palette(smooth) {
    const rgb = this.colours.map((colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)));
    const table = new Uint8ClampedArray(4 * 256);
    for (let value = 1; value < 256; value += 1) {
      const place = ((value - 1) / 254) * this.bands;
      const band = Math.min(Math.floor(place), this.bands - 1);
      const [from, to] = [rgb[Math.max(band - 1, 0)], rgb[Math.min(band, rgb.length - 1)]];
      const part = smooth && band > 0 ? place - band : 0;
      const alpha = band > 0 ? 205 : smooth ? 205 * place ** 1.5 : 0;
      table.set([...from.map((one, at) => one + part * (to[at] - one)), alpha], 4 * value);
    }
    return table;
  }

  // An address of the coloured picture, larger than the one of values so that its lines are clear.
  address(smooth) {
    if (!this.drawn.has(smooth)) this.drawn.set(smooth, this.coloured(smooth));
    return this.drawn.get(smooth);
  }

  coloured(smooth) {
    const times = Math.min(Math.max(Math.ceil(900 / Math.max(this.width, this.height)), 1), 6);
    const [width, height] = [this.width * times, this.height * times];
    const canvas = gridwarden.make("canvas", { width, height });
    const [image, table] = [new ImageData(width, height), this.palette(smooth)];
    for (let row = 0; row < height; row += 1) {
      for (let column = 0; column < width; column += 1) {
        const value = Math.round(this.between((column + 0.5) / times - 0.5, (row + 0.5) / times - 0.5));
        image.data.set(table.subarray(4 * value, 4 * value + 4), 4 * (row * width + column));
      }
    }
    const brush = canvas.getContext("2d");
    brush.putImageData(image, 0, 0);
    brush.globalCompositeOperation = "destination-in";
    brush.fill(this.outline(width, height));
    return canvas.toDataURL();
  }

  // Where a place lies, as shares of the picture from its upper left corner.
  shares(latlng) {
    const [corner, opposite, here] = [this.bounds.getNorthWest(), this.bounds.getSouthEast(), latlng].map((one) => L.CRS.EPSG3857.latLngToPoint(L.latLng(one), 0));
    return [(here.x - corner.x) / (opposite.x - corner.x), (here.y - corner.y) / (opposite.y - corner.y)];
  }

  outline(width, height) {
    const path = new Path2D();
    const rings = (part) => (Array.isArray(part[0][0]) ? part.flatMap(rings) : [part]);
    this.ground.flatMap(({ coordinates }) => rings(coordinates)).forEach((ring) => {
      ring.forEach(([lng, lat], nth) => {
        const [x, y] = this.shares([lat, lng]);
        path[nth ? "lineTo" : "moveTo"](x * width, y * height);
      });
      path.closePath();
    });
    return path;
  }

  // The value at a place, null outside the city.
  at(latlng) {
    const [across, down] = this.shares(latlng);
    const [column, row] = [Math.floor(across * this.width), Math.floor(down * this.height)];
    if (column < 0 || row < 0 || column >= this.width || row >= this.height) return null;
    const byte = this.bytes[row * this.width + column];
    if (!byte) return null;
    const place = ((byte - 1) / 254) * this.bands;
    const band = Math.min(Math.floor(place), this.bands - 1);
    return this.scale[band] + (place - band) * (this.scale[band + 1] - this.scale[band]);
  }
};
