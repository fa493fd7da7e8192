// The tiles of the network: maps, pictures of weights, bars and numbers, drawn on one canvas under the buttons.

import { classColour, css, mix, scaleOf, valueColour } from "./colour.js";
import { largestOf } from "./edges.js";
import { tileOf } from "./layout.js";

/** Pictures of a layer lie in an atlas with so many in a row. */
const ACROSS = 8;

const RADIUS = 4;

/** Tiles of outputs that are not smaller have room for two lines beside them. */
export const WITH_VALUE = 20;

/** Activations that are never negative: their bars begin at the bottom. */
const NOT_NEGATIVE = ["relu", "sigmoid", "softmax", "poisson"];

/** Activations whose values end at 1. */
const UP_TO_ONE = ["tanh", "sigmoid", "softmax"];

/** The array of numbers in the tiles of a layer, by lens. */
export const TILE_ARRAYS = { maps: "a:", numbers: "a:", gradients: "dz:", steps: "sb" };

/** The pictures of a layer in a frame, or undefined. */
export function picturesOf(arrays, column) {
  return arrays[`map:${column}`] ?? arrays[column === 1 ? "image:1" : ""];
}

/**
 * Make what draws tiles; it keeps its atlases from one frame to the next.
 *
 * @returns {function(CanvasRenderingContext2D, object): void} draws {scene, layout, arrays, lens, colours, fonts}.
 */
export function createTiles() {
  const atlases = new Map();
  let corners = { layout: null, path: null };

  return function drawTiles(context, view) {
    const { scene, layout, colours } = view;
    if (corners.layout !== layout) corners = { layout, path: cornersOf(layout) };
    context.clearRect(0, 0, layout.width, layout.height);
    scene.columns.forEach((column, c) => {
      const drawn = c === 0 ? drawInputs : drawLayer;
      drawn(context, view, column, layout.columns[c], c);
    });
    context.globalCompositeOperation = "destination-out";
    context.fill(corners.path, "evenodd");
    context.globalCompositeOperation = "source-over";
    drawOutputs(context, view);
    if (!colours.forced) return;
    context.strokeStyle = css(colours.ink);
    context.lineWidth = 1;
    context.stroke(corners.path);
  };

  function drawLayer(context, view, column, place, c) {
    const { arrays, lens } = view;
    const pictures = picturesOf(arrays, c);
    const values = arrays[`${TILE_ARRAYS[lens]}${c}`] ?? (lens === "gradients" ? arrays[`a:${c}`] : undefined);
    if (pictures && (lens === "maps" || lens === "numbers")) drawPictures(context, view, column, place, c, pictures);
    else if (lens === "maps") drawBars(context, view, column, place, values);
    else drawHeat(context, view, column, place, values);
    if (lens !== "maps" && values) drawNumbers(context, view, column, place, values.data);
  }

  function drawPictures(context, view, column, place, c, pictures) {
    const [n, rows, columns] = pictures.shape;
    const every = Math.max(1, Math.floor(columns / (place.side * view.ratio) + 0.3));
    const [height, width] = [Math.ceil(rows / every), Math.ceil(columns / every)];
    if (!atlases.has(c)) atlases.set(c, createPixels());
    const atlas = atlases.get(c);
    const stride = width * Math.min(ACROSS, n);
    const pixels = atlas.of(stride, height * Math.ceil(n / ACROSS));
    for (let u = 0; u < n; u += 1) {
      const corner = Math.floor(u / ACROSS) * height * stride + (u % ACROSS) * width;
      const from = u * rows * columns;
      const data = pictures.data.subarray(from, from + rows * columns);
      paint(pixels, stride, corner, width, data, columns, every, scaleFor(view, column, u));
    }
    atlas.show();
    context.imageSmoothingEnabled = columns > 16;
    for (let u = 0; u < Math.min(n, column.n); u += 1) {
      const { x, y, width: side, height: tall } = tileOf(place, u);
      const [left, top] = [(u % ACROSS) * width, Math.floor(u / ACROSS) * height];
      context.drawImage(atlas.canvas, left, top, width, height, x, y, side, tall);
    }
    context.imageSmoothingEnabled = true;
  }
}

/** Paint one picture into an atlas, every so many of its pixels. */
function paint(pixels, stride, corner, width, data, columns, every, scale) {
  const half = every >> 1;
  for (let row = half, to = corner; row * columns < data.length; row += every, to += stride) {
    let from = row * columns + half;
    for (let k = 0; k < width && from < (row + 1) * columns; k += 1, from += every) pixels[to + k] = scale[data[from]];
  }
}

/** The colours of a unit's picture: those of a class for the outputs of several classes. */
function scaleFor({ colours, lens }, column, u) {
  const strong = lens === "maps";
  if (!column.classes || column.n < 2) return strong ? colours.full : colours.pale;
  const ground = mix(colours.surface, colours.neutral, 0.6);
  const at = (share) => mix(ground, classColour(colours, column.units[u]), strong ? share : 0.42 * share);
  colours[`class ${u} ${strong}`] ??= scaleOf(ground, at(0.5), at(1));
  return colours[`class ${u} ${strong}`];
}

/** Bars of values: from the bottom, or from the middle where a value can be negative. */
function drawBars(context, { colours }, column, place, values) {
  const limit = limitOf(column, values?.data);
  const centred = !NOT_NEGATIVE.includes(column.activation);
  for (let u = 0; u < column.n; u += 1) {
    const { x, y, width, height } = tileOf(place, u);
    context.fillStyle = css(colours.raised);
    context.fillRect(x, y, width, height);
    if (!values) continue;
    const share = Math.max(-1, Math.min(1, values.data[column.units[u]] / limit));
    const [zero, room] = centred ? [y + height / 2, height / 2] : [y + height, height];
    const length = share ? Math.max(1.5, Math.abs(share) * room) : 0;
    context.fillStyle = css(share < 0 ? colours.negative : colours.positive);
    context.fillRect(x, share > 0 ? zero - length : zero, width, length);
    if (centred) {
      context.fillStyle = css(colours.lineStrong);
      context.fillRect(x, zero - 0.5, width, 1);
    }
  }
}

/** Tiles in the colours of their values, pale enough to write on. */
function drawHeat(context, { colours, lens }, column, place, values) {
  const limit = lens === "numbers" ? limitOf(column, values?.data) : largestOf(values?.data);
  for (let u = 0; u < column.n; u += 1) {
    const { x, y, width, height } = tileOf(place, u);
    const strength = place.side < 34 ? 1 : 0.42;
    context.fillStyle = css(values ? valueColour(colours, values.data[column.units[u]] / limit, strength) : colours.raised);
    context.fillRect(x, y, width, height);
  }
}

function drawNumbers(context, { colours, fonts }, column, place, values) {
  if (place.side < 30) return;
  const size = Math.max(8.5, Math.min(11.5, place.side / 4.3));
  context.font = `${size}px ${fonts}`;
  context.fillStyle = css(colours.ink);
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let u = 0; u < column.n; u += 1) {
    const { x, y, width, height } = tileOf(place, u);
    context.fillText(shortNumber(values[column.units[u]]), x + width / 2, y + height / 2 + 0.5, width - 3);
  }
}

/** A number for a tile: three digits, or a power of ten. */
export function shortNumber(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size > 3.4e38) return value < 0 ? "<−3e38" : ">3e38";
  let text = "0";
  if (size >= 1e4 || (size < 5e-3 && size > 0)) text = value.toExponential(0).replace("e+", "e");
  else if (size >= 100) text = value.toFixed(0);
  else if (size > 0) text = value.toFixed(size >= 10 ? 1 : 2);
  return text.replaceAll("-", "−");
}

function limitOf({ activation }, data) {
  return UP_TO_ONE.includes(activation) ? 1 : largestOf(data);
}

function drawInputs(context, view, column, place) {
  const { arrays, colours, lens, scene } = view;
  if (place.kind === "picture") {
    drawPicture(context, arrays.picture, place);
    return;
  }
  const values = arrays.x?.data ?? scene.pointOf?.(view.example);
  const limit = scene.box ? Math.max(...scene.box.map(Math.abs)) : largestOf(values);
  for (let i = 0; i < column.n; i += 1) {
    const { x, y, width, height } = tileOf(place, i);
    const left = place.kind === "rows" ? x + width - place.side : x;
    const side = place.kind === "rows" ? place.side : width;
    const top = place.kind === "rows" ? y + (place.pitch - place.side) / 2 : y;
    if (scene.box && place.side >= 22) drawStripes(context, view, scene.box.slice(2 * i, 2 * i + 2), i, { left, top, side });
    else {
      context.fillStyle = css(values ? valueColour(colours, values[column.units[i]] / limit, 1) : colours.raised);
      context.fillRect(left, top, side, place.kind === "rows" ? side : height);
    }
  }
  if (lens !== "maps" && values && place.kind === "tiles") drawNumbers(context, view, column, place, values);
}

/** What an input is on the plane: stripes from its lowest to its highest value. */
function drawStripes(context, { colours, lens }, [low, high], axis, { left, top, side }) {
  const limit = Math.max(Math.abs(low), Math.abs(high)) || 1;
  const strength = lens === "maps" ? 1 : 0.42;
  const stripes = 12;
  for (let k = 0; k < stripes; k += 1) {
    const value = low + ((high - low) * (k + 0.5)) / stripes;
    const from = Math.round((side * k) / stripes);
    const to = Math.round((side * (k + 1)) / stripes);
    context.fillStyle = css(valueColour(colours, value / limit, strength));
    if (axis === 0) context.fillRect(left + from, top, to - from, side);
    else context.fillRect(left, top + side - to, side, to - from);
  }
}

const small = createPixels();

/** Draw an example's picture, (height, width, 3), into a box. */
export function drawPicture(context, picture, { left, top, width, height }) {
  if (!picture) return;
  const { shape, data } = picture;
  const pixels = small.of(shape[1], shape[0]);
  for (let i = 0, k = 0; i < pixels.length; i += 1, k += 3) {
    pixels[i] = (255 << 24) | (data[k + 2] << 16) | (data[k + 1] << 8) | data[k];
  }
  small.show();
  context.imageSmoothingEnabled = shape[1] > 28;
  context.drawImage(small.canvas, left, top, width, height);
  context.imageSmoothingEnabled = true;
}

/** The values of the outputs, at the right of their tiles, under their names. */
function drawOutputs(context, { scene, layout, arrays, colours, fonts }) {
  const last = layout.columns.at(-1);
  const { names, units } = scene.columns.at(-1);
  const values = arrays[`a:${layout.columns.length - 1}`]?.data;
  if (!names || !values || last.side < WITH_VALUE) return;
  context.font = `${last.side >= 28 ? 12 : 11}px ${fonts}`;
  context.fillStyle = css(colours.inkSoft);
  context.textAlign = last.below ? "center" : "left";
  context.textBaseline = "middle";
  units.forEach((unit, k) => {
    const { x, y, width, height } = tileOf(last, k);
    const text = scene.classes ? `${(100 * values[unit]).toFixed(1)} %` : shortNumber(values[unit]);
    if (last.below) context.fillText(text, x + width / 2, y + height + (names[k] ? 25 : 10));
    else context.fillText(text, x + width + 8, y + height / 2 + (names[k] ? 7.5 : 0));
  });
}

/** The corners of all tiles, which are taken away again: tiles are round there. */
function cornersOf(layout) {
  const path = new Path2D();
  for (const column of layout.columns) {
    if (column.kind === "rows" || column.kind === "cells") continue;
    for (let i = 0; i < column.n; i += 1) {
      const { x, y, width, height } = tileOf(column, i);
      path.rect(x, y, width, height);
      path.roundRect(x, y, width, height, RADIUS);
    }
  }
  return path;
}

/** A small canvas whose pixels are set one by one: `canvas`; `of(width, height)`, its pixels in 32 bits each; `show()` puts them on it. */
export function createPixels() {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  let [image, pixels] = [null, null];
  return {
    canvas,
    of(width, height) {
      if (image?.width !== width || image.height !== height) {
        [canvas.width, canvas.height] = [width, height];
        image = context.createImageData(width, height);
        pixels = new Uint32Array(image.data.buffer);
      }
      return pixels;
    },
    show: () => context.putImageData(image, 0, 0),
  };
}
