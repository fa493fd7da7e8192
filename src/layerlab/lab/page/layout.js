// Where everything of the network lies: a block of tiles for each layer, from left to right.

/** A diagram that is narrower, in pixels, says less beside its tiles. */
export const NARROW = 560;

/** Height of a layer's head: its name, and what is in it. */
export const HEAD = 40;

/** Sides that tiles can have; the largest with which all blocks fit is taken. */
const SIDES = [52, 48, 44, 40, 36, 32, 30, 28, 26, 24, 22];

/** In a single column, the tiles of a larger layer may become as small as this; then it becomes a block of columns. */
const LEAST_IN_ONE_COLUMN = 26;

/** A layer of so few units stays a single column, even of the smallest tiles. */
const FEW = 10;

const LARGEST_GAP = 190;
const EDGE = 6;

/** Height below the tiles, for a word on what a layer is at. */
const FOOT = 20;

/**
 * Lay out the layers.
 *
 * @param {number} width and height of the place, in CSS pixels.
 * @param {Array<object>} parts from the inputs to the output: {kind: "tiles" | "rows" | "cells" | "picture", n, head,
 *   before, after, most}, and what else the columns shall have: how many, the width of the head's text, the room for texts at the left and at the right of the
 *   block, and the largest side of a tile. "rows" are names with a cell each.
 * @returns {{width: number, height: number, columns: Array<object>}} the width that is needed, which may be more than
 *   there is, and for each part {left, right, top, bottom, side, pitch, step, across, n, middle, toLeft, toRight}: from
 *   one tile to the next are `pitch` pixels down and `step` across, and the last two are from the middle to the ends of what belongs to the block.
 */
export function layOut(width, height, parts) {
  const room = Math.max(height - HEAD - EDGE - FOOT, 60);
  const gaps = parts.length - 1;
  const [good, least] = width < NARROW ? [44, 20] : [80, 34];
  const fitting = (gap, smallest) => {
    for (const side of SIDES.filter((one) => one >= smallest)) {
      const found = blocksOf(parts, side, room);
      if (found.taken + gap * gaps + 2 * EDGE <= width) return found;
    }
    return null;
  };
  const smallest = SIDES.at(-1);
  const { blocks, taken } = fitting(good, 36) ?? fitting(least, smallest) ?? blocksOf(parts, smallest, room);
  const spare = (width - 2 * EDGE - taken) / Math.max(1, gaps);
  const gap = Math.max(least, Math.min(LARGEST_GAP, spare));
  const needed = Math.ceil(taken + gap * gaps + 2 * EDGE);
  let x = EDGE + Math.max(0, (width - needed) / 2);
  const columns = blocks.map((block) => {
    const middle = x + block.toLeft;
    const left = Math.round(middle - block.width / 2);
    const top = Math.round(HEAD + EDGE + (room - block.height) / 2);
    x += block.toLeft + block.toRight + gap;
    return { ...block, left, right: left + block.width, top, bottom: top + block.height, middle };
  });
  return { width: Math.max(width, needed), height, columns };
}

/** The height that the network likes to have, where nothing else says how high it is. */
export function likedHeight(parts) {
  const heights = parts.map(({ kind, n }) => {
    if (kind === "picture") return 96;
    return kind === "rows" ? 14 * n : 46 * Math.min(n, 9);
  });
  return HEAD + EDGE + FOOT + Math.min(470, Math.max(150, ...heights));
}

/** The height that a layout fills, so that laid out in it, it stays as it is. */
export function filledHeight({ columns }) {
  return HEAD + EDGE + FOOT + gapOf(SIDES[0]) + Math.max(...columns.map(({ top, bottom }) => bottom - top));
}

/** The blocks with tiles of one side, and the width that they take together. */
function blocksOf(parts, side, room) {
  const blocks = parts.map((part) => blockOf(part, side, room));
  return { blocks, taken: blocks.reduce((sum, { toLeft, toRight }) => sum + toLeft + toRight, 0) };
}

function blockOf(part, side, room) {
  const shape = { tiles, rows, cells, picture }[part.kind](part, Math.min(side, part.most ?? 52), room);
  const { before = 0, after = 0 } = part;
  const [toLeft, toRight] = [before, after].map((beside) => Math.max(part.head / 2, shape.width / 2 + beside));
  return { ...part, before, after, ...shape, toLeft, toRight };
}

/** A block of tiles; in several columns, each of them has room for its names (`after`). */
function tiles({ n, after = 0 }, side, room) {
  for (let across = 1; across <= n; across += 1) {
    const down = Math.ceil(n / across);
    const fits = Math.floor(room / down);
    const tile = Math.min(side, fits - gapOf(fits));
    const least = across === 1 && n > FEW ? Math.min(side, LEAST_IN_ONE_COLUMN) : SIDES.at(-1);
    if (tile < least && across < n) continue;
    const pitch = Math.max(tile, SIDES.at(-1)) + gapOf(tile);
    const gap = gapOf(tile);
    const step = pitch + (across > 1 ? after : 0);
    return { side: pitch - gap, pitch, step, across, width: across * step - (step - pitch) - gap, height: down * pitch - gap };
  }
  return { side, pitch: side, step: side, across: 1, width: side, height: side };
}

/** Space between two tiles: 24 pixels at least from one to the next, so that each can be hit. */
function gapOf(side) {
  if (side >= 40) return 6;
  return side >= 32 ? 5 : 3;
}

function rows({ n, text }, side, room) {
  const pitch = Math.min(26, room / n);
  return { side: Math.min(14, pitch - 2), pitch, across: 1, width: text + 20, height: n * pitch };
}

/** Whether so many names, each in a row of its own, can be read. */
export function rowsFit(n, height) {
  return (height - HEAD - EDGE - FOOT) / n >= 12.5;
}

function cells({ n }, side, room) {
  const pitch = n > 400 ? 6 : 9;
  const across = Math.max(4, Math.ceil(n / Math.floor((0.8 * room) / pitch)));
  return { side: pitch - 1, pitch, step: pitch, across, width: across * pitch - 1, height: Math.ceil(n / across) * pitch - 1 };
}

function picture({ ratio = 1 }, side) {
  const width = Math.round(Math.max(52, 1.8 * side));
  return { side: width, pitch: width, across: 1, width, height: Math.round(width * ratio) };
}

/** The place of one tile of a column, from 0. */
export function tileOf(column, i) {
  const across = i % column.across;
  const down = Math.floor(i / column.across);
  return {
    x: column.left + (column.across === 1 ? 0 : across * column.step),
    y: column.top + down * column.pitch,
    width: column.kind === "rows" ? column.width : column.side,
    height: column.kind === "picture" ? column.height : column.side,
  };
}

/**
 * The height at which edges leave or reach a tile, at the side of its block. In a block of several columns, those of
 * one row share the height of a tile, so that each has a place of its own.
 */
export function portOf(column, i) {
  if (column.kind === "picture") return (column.top + column.bottom) / 2;
  const down = Math.floor(i / column.across);
  const share = column.across === 1 ? 0.5 : (0.5 + (i % column.across)) / column.across;
  const height = column.kind === "rows" ? column.pitch : column.side;
  return column.top + down * column.pitch + share * height;
}

/** Which tile of which column is at a point: {column, i}, or null. */
export function tileAt(columns, x, y) {
  for (const [at, column] of columns.entries()) {
    if (x < column.left || x > column.right || y < column.top || y > column.bottom) continue;
    if (column.kind === "picture") return { column: at, i: 0 };
    const i = Math.floor((y - column.top) / column.pitch) * column.across;
    const across = column.across === 1 ? 0 : Math.floor((x - column.left) / column.step);
    return i + across < column.n && across < column.across ? { column: at, i: i + across } : null;
  }
  return null;
}
