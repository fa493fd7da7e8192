// The edges between the tiles: blue for positive, orange and dashed for negative, thicker for larger.

import { css, mix } from "./colour.js";
import { portOf } from "./layout.js";

/** Between two layers with more edges than this, only those of one unit are drawn. */
const MOST = 100;

/** Pixels of the largest edge; fewer where tiles lie closely. */
const THICKEST = 5;
const THINNEST = 0.75;
const STEPS = 10;

/** What the edges show in each lens: the array of a layer is the letters and its number. */
export const EDGE_ARRAYS = { maps: "W", numbers: "W", gradients: "dW", steps: "sW" };

/**
 * The edges that are drawn, gap by gap.
 *
 * @param {object} scene what the network is: `columns[c]` has `units`, the numbers of the units that are drawn, from 0.
 * @param {{column: number, i: number}} chosen the tile whose edges stand out.
 * @returns {Array<{gap: number, all: boolean, pairs: Array<[number, number]>}>} pairs of tiles, left and right.
 */
export function edgesOf(scene, chosen) {
  return scene.columns.slice(1).map((right, gap) => {
    const left = scene.columns[gap];
    const all = left.kind !== "picture" && left.n * right.n <= MOST;
    const pairs = [];
    if (chosen.i < 0 && !all) return { gap, all, pairs };
    if (all) for (let i = 0; i < left.n; i += 1) for (let j = 0; j < right.n; j += 1) pairs.push([i, j]);
    else if (chosen.column === gap + 1) for (let i = 0; i < left.n; i += 1) pairs.push([i, chosen.i]);
    else if (chosen.column === gap) for (let j = 0; j < right.n; j += 1) pairs.push([chosen.i, j]);
    return { gap, all, pairs };
  });
}

/** The value of an edge, or null where the lab does not send that layer's. */
export function edgeValue(scene, arrays, lens, gap, i, j) {
  const array = arrays[`${EDGE_ARRAYS[lens]}${gap + 1}`];
  const left = scene.columns[gap];
  if (!array || left.kind === "picture") return null;
  return array.data[scene.columns[gap + 1].units[j] * array.shape[1] + left.units[i]];
}

/** Draw all edges. `light` is {gap} of a gap whose edges are at work now, or null. */
export function drawEdges(context, { scene, layout, arrays, lens, colours, chosen, light }) {
  context.clearRect(0, 0, layout.width, layout.height);
  for (const { gap, all, pairs } of edgesOf(scene, chosen)) {
    const [left, right] = [layout.columns[gap], layout.columns[gap + 1]];
    if (!all) drawBand(context, left, right, colours);
    const array = arrays[`${EDGE_ARRAYS[lens]}${gap + 1}`];
    if (left.kind === "picture" || !array) drawPlain(context, left, right, pairs, colours);
    else drawGap(context, { scene, gap, left, right, array, pairs, all, colours, chosen, lit: light?.gap === gap });
  }
}

/** A pale band between two blocks: each tile of one is connected with each of the other. */
function drawBand(context, left, right, colours) {
  const middle = (left.right + right.left) / 2;
  context.beginPath();
  context.moveTo(left.right, left.top);
  context.bezierCurveTo(middle, left.top, middle, right.top, right.left, right.top);
  context.lineTo(right.left, right.bottom);
  context.bezierCurveTo(middle, right.bottom, middle, left.bottom, left.right, left.bottom);
  context.closePath();
  context.fillStyle = css(mix(colours.surface, colours.raised, 0.75));
  context.fill();
}

/** Edges whose values the lab does not send: thin and grey. */
function drawPlain(context, left, right, pairs, colours) {
  context.setLineDash([]);
  context.lineWidth = pairs.length > 1 ? 0.5 : 1.5;
  context.strokeStyle = css(colours.lineStrong, pairs.length > 20 ? 0.5 : 1);
  context.beginPath();
  for (const [i, j] of pairs) curve(context, left, right, i, j);
  context.stroke();
}

/** Draw the edges of one gap: those of like sign, thickness and strength in one stroke. */
function drawGap(context, { scene, gap, left, right, array, pairs, all, colours, chosen, lit }) {
  const { data, shape } = array;
  const largest = largestOf(data);
  const room = Math.min((all ? 0.3 : 0.17) * Math.min(left.pitch, right.pitch), 0.05 * (right.left - left.right));
  const thickest = Math.max(2, Math.min(THICKEST, room));
  const [from, to] = [scene.columns[gap].units, scene.columns[gap + 1].units];
  const strokes = new Map();
  for (const [i, j] of pairs) {
    const value = data[to[j] * shape[1] + from[i]];
    if (!(Math.abs(value) > 0) || !Number.isFinite(value)) continue;
    const share = Math.ceil((Math.abs(value) / largest) * STEPS);
    const own = (chosen.column === gap + 1 && chosen.i === j) || (chosen.column === gap && chosen.i === i);
    const key = (value < 0 ? 0 : 1) + 2 * (own ? 1 : 0) + 4 * share;
    let path = strokes.get(key);
    if (!path) strokes.set(key, (path = new Path2D()));
    curve(path, left, right, i, j);
  }
  const keys = [...strokes.keys()].sort((one, other) => ((one >> 1) & 1) - ((other >> 1) & 1) || one - other);
  for (const key of keys) {
    const share = (key >> 2) / STEPS;
    const own = ((key >> 1) & 1) === 1;
    const thickness = THINNEST + (thickest - THINNEST) * share;
    context.lineWidth = thickness;
    const strength = own || !all ? 1 : (lit ? 0.4 : 0.22) + 0.4 * share;
    context.strokeStyle = css(key & 1 ? colours.positive : colours.negative, strength);
    context.setLineDash(key & 1 ? [] : [2 + 3 * thickness, 2 + thickness]);
    context.stroke(strokes.get(key));
  }
  context.setLineDash([]);
}

function curve(path, left, right, i, j) {
  const [y0, y1] = [portOf(left, i), portOf(right, j)];
  const middle = (left.right + right.left) / 2;
  path.moveTo(left.right, y0);
  path.bezierCurveTo(middle, y0, middle, y1, right.left, y1);
}

/** The largest size of a number that is one (a diverged training has ±3.4e38 and NaN); 1 where there is none. */
export function largestOf(data = []) {
  let largest = 0;
  for (let i = 0; i < data.length; i += 1) {
    const size = Math.abs(data[i]);
    if (size > largest && size < 3e38) largest = size;
  }
  return largest || 1;
}

/**
 * The edge nearest to a point, if it is not farther than 6 pixels.
 *
 * @returns {{gap: number, i: number, j: number} | null}
 */
export function edgeAt(scene, layout, chosen, x, y) {
  const gap = layout.columns.findIndex((column, c) => x > column.right && x < (layout.columns[c + 1]?.left ?? 0));
  if (gap < 0 || scene.columns[gap].kind === "picture") return null;
  const [left, right] = [layout.columns[gap], layout.columns[gap + 1]];
  const share = riseAt((x - left.right) / (right.left - left.right));
  let best = null;
  let nearest = 6;
  for (const [i, j] of edgesOf(scene, chosen)[gap].pairs) {
    const from = portOf(left, i);
    const distance = Math.abs(from + (portOf(right, j) - from) * share - y);
    if (distance < nearest) [best, nearest] = [{ gap, i, j }, distance];
  }
  return best;
}

/** How far up or down an edge has come at a share of its way: x = 1.5 t − 1.5 t² + t³, y = 3 t² − 2 t³. */
function riseAt(way) {
  let [low, high] = [0, 1];
  for (let k = 0; k < 24; k += 1) {
    const t = (low + high) / 2;
    if (1.5 * t - 1.5 * t * t + t * t * t < way) low = t;
    else high = t;
  }
  return low * low * (3 - 2 * low);
}
