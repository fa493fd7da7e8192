// What the diagram shows of a training: a column for the inputs and one for each layer.

import { NARROW, rowsFit } from "./layout.js";

/**
 * Describe the network of a training.
 *
 * @param {object} opened the message of that name.
 * @param {object} shown of a frame's head: the units, from 1, of layers of which not all are drawn.
 * @returns {object} `columns`: {kind, n, units, total, activation, names, classes}, `units` from 0; `box` and `pointOf`
 *   where the inputs are a plane; `classes`, whether outputs are probabilities; `image`, its shape or null.
 */
export function sceneOf({ data, network, planar }, shown = {}) {
  const dims = network.layer_dims;
  const last = dims.length - 1;
  const classes = data.task === "classes";
  const columns = dims.map((total, layer) => {
    if (layer === 0) return inputColumn(data, total);
    const units = shown[layer] ? shown[layer].map((unit) => unit - 1) : range(total);
    const output = layer === last;
    const names = output ? outputNames(data, total, Boolean(planar)) : null;
    const activation = output ? network.output : network.activations[layer - 1];
    return { kind: "tiles", n: units.length, units, total, activation, names, classes: output && classes };
  });
  const points = planar && examplesOf(planar, data);
  return {
    columns,
    classes,
    box: planar?.box ?? null,
    image: data.image_shape,
    pointOf: points ? (example) => points.get(example) : undefined,
  };
}

/** The points of a plane by the numbers of their examples. */
export function examplesOf(planar, data) {
  const numbers = planar.examples ?? (planar.points.length === data.train ? range(data.train) : []);
  return new Map(numbers.map((example, i) => [example, planar.points[i]]));
}

/** The names of the inputs, as the data has them; else x1, x2, … */
export function inputNames(data, n) {
  return data.feature_names.length === n ? data.feature_names : range(n).map((i) => `x${i + 1}`);
}

/** The classes' names; of a single label, that of its two classes. */
export function classNames(data, outputs) {
  if (data.class_names.length >= Math.max(2, outputs)) return data.class_names;
  return range(Math.max(2, outputs)).map(String);
}

function inputColumn(data, n) {
  if (data.image_shape) return { kind: "picture", n: 1, units: [0], total: n, names: [] };
  return { kind: "tiles", n, units: range(n), total: n, names: inputNames(data, n) };
}

function outputNames(data, n, planar) {
  if (data.task !== "classes") return planar ? null : range(n).map(() => "");
  const names = classNames(data, n);
  if (n === 1) return planar ? null : [names[1]];
  return names.slice(0, n);
}

/**
 * What `layOut` needs of each column.
 *
 * @param {object} scene of `sceneOf`.
 * @param {Array<string[]>} heads the lines of each column's head.
 * @param {function(string): number} measure the width of a text.
 */
export function partsOf(scene, heads, measure, width, height) {
  const narrow = width < NARROW;
  const widest = (texts) => Math.max(0, ...texts.map(measure));
  return scene.columns.map((column, c) => {
    const part = { kind: column.kind, n: column.n, head: widest(heads[c]) };
    if (c === 0 && column.kind === "tiles") Object.assign(part, inputPart(column, widest(column.names), narrow, height));
    if (column.kind === "picture") part.ratio = scene.image[0] / scene.image[1];
    if (column.names && c > 0 && narrow && column.n === 1) part.below = true;
    else if (column.names && c > 0) part.after = Math.min(narrow ? 62 : 110, Math.max(46, widest(column.names))) + 10;
    return part;
  });
}

/** A tile for each of a few inputs; a row with its name for each of more; small cells without names for many. */
function inputPart({ n }, widest, narrow, height) {
  if (n <= 4) return { kind: "tiles", before: Math.min(narrow ? 64 : 130, widest) + 8, most: narrow ? 40 : 52 };
  if (rowsFit(n, height)) return { kind: "rows", text: Math.min(narrow ? 92 : 150, widest) };
  return { kind: "cells" };
}

function range(n) {
  return Array.from({ length: n }, (_, i) => i);
}
