// Draws the cost curve on a canvas: axes, the curves with what lies ahead of the cursor paler, events, the cursor.

import { short, whole } from "./numbers.js";

/** Costs above so many times what nine of ten stay below are outside of a scale that is not logarithmic. */
const HIGHEST = 3;

/** Where a number is of no use for a scale. */
const TOO_LARGE = 3.3e38;

const PALE = 0.35;

/** Pixels from one pair of a curve to the next, at least. */
const CLOSEST = 1.5;

/** The margins around the curve, in rem. The slider has the same ones. */
const MARGINS = { left: 3.25, right: 0.75, top: 0.375, bottom: 1.25 };

/**
 * The scales of both axes.
 *
 * @param {object} curves {furthest, cost, validation}, as `curve.js` reads them from a frame.
 * @param {object} size {width, height, scale, rem} of the canvas.
 * @param {boolean} log whether the costs have a logarithmic scale.
 */
export function axesOf(curves, size, log) {
  const { rem, width, height } = size;
  const box = {
    left: MARGINS.left * rem,
    right: width - MARGINS.right * rem,
    top: MARGINS.top * rem,
    bottom: height - MARGINS.bottom * rem,
  };
  const [low, high] = extent(curves, log);
  const place = log ? (value) => Math.log10(value / low) / Math.log10(high / low) : (value) => (value - low) / (high - low);
  const last = curves.furthest;
  return {
    ...size,
    box,
    log,
    last,
    empty: !hasValues(curves.cost),
    ticks: log ? powers(low, high) : steps(low, high, 4),
    x: (iteration) => box.left + ((box.right - box.left) * iteration) / Math.max(last, 1),
    y: (value) => box.bottom - (box.bottom - box.top) * Math.min(Math.max(place(value), -0.05), 1.05),
    iteration: (x) => Math.min(Math.max(Math.round((last * (x - box.left)) / (box.right - box.left)), 0), last),
  };
}

/** The value of a curve in an iteration; NaN where there is none. */
export function valueAt(curve, iteration) {
  if (!curve) return NaN;
  const { pairs, block, every } = curve;
  const at = Math.floor((Math.floor(iteration / every) - 1) / block);
  const place = Math.min(Math.max(at, 0), pairs.length / 2 - 1);
  return pairs[2 * place + 1];
}

/** The lowest and highest value of a scale. */
function extent(curves, log) {
  let [low, high] = [Infinity, -Infinity];
  for (const curve of [curves.cost, curves.validation]) {
    for (const value of curve?.pairs ?? []) {
      if (!(Math.abs(value) < TOO_LARGE) || (log && value <= 0)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) return log ? [0.1, 1] : [0, 1];
  if (log) return [Math.min(low, high / 1.2) / 1.1, high * 1.1];
  const top = Math.min(high, Math.max(1.2 * (curves.cost?.pairs[1] || 0), HIGHEST * usual(curves.cost)));
  const bottom = Math.min(low, 0);
  return [bottom, top > bottom ? bottom + 1.05 * (top - bottom) : bottom + 1];
}

/** What nine of ten highest values of a curve are below. */
function usual(curve) {
  const values = (curve?.pairs ?? []).filter((value, place) => place % 2 === 1 && Math.abs(value) < TOO_LARGE).sort();
  return values.length > 0 ? values[Math.floor(0.9 * values.length)] : Infinity;
}

/** Whether there are values that can be drawn: more than the first one, unless it is all there is. */
function hasValues(curve) {
  if (curve === null) return false;
  const drawn = curve.pairs.filter((value) => Math.abs(value) < TOO_LARGE).length;
  return drawn > 2 || drawn === curve.pairs.length;
}

/** About so many round numbers between two. */
function steps(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough);
  const ticks = [];
  for (let n = Math.ceil(low / step); n * step <= high; n += 1) ticks.push(Number((n * step).toPrecision(12)));
  return ticks;
}

/** Powers of ten; where there are few, their multiples too. */
function powers(low, high) {
  const decades = Math.log10(high / low);
  const factors = decades < 1 ? [1, 2, 3, 5, 7] : decades < 2.5 ? [1, 2, 5] : [1];
  const skip = Math.max(1, Math.round(decades / 4));
  const ticks = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e += 1) {
    if (e % skip !== 0) continue;
    for (const one of factors) if (one * 10 ** e >= low && one * 10 ** e <= high) ticks.push(Number((one * 10 ** e).toPrecision(6)));
  }
  return ticks;
}

/**
 * Draw everything.
 *
 * @param {HTMLCanvasElement} canvas of the size that the axes have.
 * @param {object} what {curves, axes, colours, update, events, pointed}.
 */
export function drawCurve(canvas, { curves, axes, colours, update, events, pointed }) {
  const pen = canvas.getContext("2d");
  pen.setTransform(axes.scale, 0, 0, axes.scale, 0, 0);
  pen.clearRect(0, 0, axes.width, axes.height);
  pen.font = `${0.6875 * axes.rem}px ${colours.sans}`;
  drawAxes(pen, axes, colours);
  const { box } = axes;
  if (axes.last > 0) {
    for (const one of events) drawEvent(pen, axes, axes.x(one.update), colours);
    const edge = axes.x(update);
    drawLines(pen, axes, curves, colours, [box.left, edge], 1);
    if (update < axes.last) drawLines(pen, axes, curves, colours, [edge, box.right], PALE);
    drawCursor(pen, axes, curves, colours, update);
  }
  if (pointed !== null) drawLine(pen, axes.x(pointed), box, colours.soft, [2, 3]);
}

function drawAxes(pen, axes, colours) {
  const { box, last } = axes;
  pen.strokeStyle = colours.line;
  pen.fillStyle = colours.soft;
  pen.lineWidth = 1;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const tick of axes.ticks) {
    const y = Math.round(axes.y(tick)) + 0.5;
    line(pen, box.left, y, box.right, y);
    pen.fillText(short(tick), box.left - 6, y);
  }
  pen.textBaseline = "alphabetic";
  const ticks = last > 0 ? steps(0, last, 5).filter(Number.isInteger) : [0];
  for (const tick of ticks) {
    const text = whole(tick);
    const half = pen.measureText(text).width / 2;
    const x = Math.min(axes.x(tick), axes.width - half - 1);
    pen.textAlign = "center";
    pen.fillText(text, x, axes.height - 3);
    line(pen, axes.x(tick), box.bottom, axes.x(tick), box.bottom + 3);
  }
}

function line(pen, x0, y0, x1, y1) {
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
  pen.stroke();
}

function drawLine(pen, x, box, colour, dashes) {
  pen.save();
  pen.setLineDash(dashes);
  pen.strokeStyle = colour;
  pen.lineWidth = 1;
  line(pen, x, box.top, x, box.bottom);
  pen.restore();
}

/** Both curves between two places, with an opacity. */
function drawLines(pen, axes, { cost, validation }, colours, [from, to], opacity) {
  pen.save();
  pen.beginPath();
  pen.rect(from - 1, axes.box.top - 3, to - from + 2, axes.box.bottom - axes.box.top + 6);
  pen.clip();
  pen.globalAlpha = opacity;
  pen.lineJoin = "round";
  if (validation) trace(pen, axes, validation, colours.validation, [5, 3], 1.5);
  if (cost) trace(pen, axes, cost, colours.training, [], 1.75);
  pen.restore();
}

/** A curve of pairs: in each block to the nearer one of its lowest and highest value, and on to the other one. */
function trace(pen, axes, { pairs, block, every }, colour, dashes, width) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.setLineDash(dashes);
  pen.beginPath();
  let last = null; // the height at which the pen lies on the canvas
  const wide = axes.x(every * block) - axes.x(0);
  const together = Math.ceil(CLOSEST / wide);
  for (let place = 0; 2 * place < pairs.length; place += together) {
    const [low, high] = endsOf(pairs, place, together);
    if (!(Math.abs(high) < TOO_LARGE) || (axes.log && high <= 0)) {
      last = null;
      continue;
    }
    const x = axes.x(every * (place * block + (together * block + 1) / 2));
    const ends = [axes.y(high), axes.y(axes.log && low <= 0 ? high : low)];
    const [first, second] = Math.abs(last - ends[0]) > Math.abs(last - ends[1]) ? ends.reverse() : ends;
    const aside = second === first ? 0 : (together * wide) / 4;
    if (last === null) pen.moveTo(x - aside, first);
    else pen.lineTo(x - aside, first);
    if (second !== first) pen.lineTo(x + aside, second);
    else if (last === null) pen.lineTo(x + 0.01, first);
    last = second;
  }
  pen.stroke();
}

/** The lowest and highest value of some pairs in a row; NaN where one of them has no value that can be drawn. */
function endsOf(pairs, place, count) {
  let [low, high] = [Infinity, -Infinity];
  for (let k = 2 * place; k < Math.min(2 * (place + count), pairs.length); k += 2) {
    if (!(Math.abs(pairs[k + 1]) < TOO_LARGE)) return [NaN, NaN];
    low = Math.min(low, pairs[k]);
    high = Math.max(high, pairs[k + 1]);
  }
  return [low, high];
}

/** Where something was changed by hand. */
function drawEvent(pen, axes, x, colours) {
  const { box } = axes;
  drawLine(pen, x, box, colours.attention ?? colours.ink, [1, 2]);
  pen.fillStyle = colours.attention ?? colours.ink;
  const [y, size] = [box.top + 1, 4];
  pen.beginPath();
  pen.moveTo(x, y - size);
  pen.lineTo(x + size, y);
  pen.lineTo(x, y + size);
  pen.lineTo(x - size, y);
  pen.fill();
}

/** The present update, with its cost. */
function drawCursor(pen, axes, { cost }, colours, update) {
  const x = axes.x(update);
  drawLine(pen, x, axes.box, colours.ink, []);
  const value = valueAt(cost, update);
  if (!(Math.abs(value) < TOO_LARGE) || (axes.log && value <= 0)) return;
  pen.fillStyle = colours.training;
  pen.strokeStyle = colours.ground;
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.arc(x, axes.y(value), 4, 0, 2 * Math.PI);
  pen.fill();
  pen.stroke();
}
