// The buttons of the units, one for each tile, with the arrow keys between them.

import { make, setText } from "./elements.js";
import { tileOf } from "./layout.js";
import { WITH_VALUE } from "./tiles.js";

const LEAST_TARGET = 24;

/**
 * Make what holds the buttons and the heads of the layers.
 *
 * @param {HTMLElement} place lies over the canvases.
 * @param {object} context as for all.
 * @param {string} described the id of what says the numbers of the tile that has the focus.
 * @param {function({column: number, i: number} | null): void} point is told of the tile that has the focus.
 */
export function createUnits(place, context, described, point) {
  const { store, t } = context;
  let columns = [];
  let heads = [];
  let names = [];
  let current = null;
  place.addEventListener("keydown", onKey);
  place.addEventListener("focusin", ({ target }) => {
    const found = find(target);
    if (!found) return;
    makeCurrent(found);
    point(found);
  });
  place.addEventListener("focusout", () => point(null));
  store.on(["selection"], showSelection);

  /** Make the buttons of a network. */
  function build(scene) {
    columns = scene.columns.map((column, c) => {
      if (column.kind === "picture") return [];
      return column.units.map((unit, i) => {
        const input = c === 0 && t("diagram.input", { name: column.names[i] });
        const name = input || t("diagram.unit", { unit: unit + 1, layer: c });
        const kind = c === 0 ? "unit input" : "unit";
        const named = { "aria-label": name, "aria-describedby": described };
        const button = make("button", { class: kind, type: "button", tabindex: -1, ...named });
        button.addEventListener("click", () => choose(c, unit));
        return button;
      });
    });
    heads = columns.map(() => make("div", { class: "layer-head" }, make("b", {}), make("span", {})));
    names = scene.columns.map(namesOf);
    const parts = columns.map((buttons, c) => [heads[c], ...names[c], make("div", { class: "layer-units" }, ...buttons)]);
    place.replaceChildren(...parts.flat());
    current = null;
    showSelection();
  }

  /** Put buttons and heads to their places; `lines` are what each head says. */
  function arrange(layout, lines) {
    layout.columns.forEach((column, c) => {
      lines[c].forEach((text, k) => setText(heads[c].children[k], text));
      const head = heads[c].style;
      head.left = `${column.middle}px`;
      head.bottom = `calc(100% - ${column.top - 5}px)`;
      const hit = column.kind === "tiles" || (column.kind === "rows" && column.pitch >= LEAST_TARGET);
      names[c].forEach((name, i) => placeName(name, column, i, c === 0));
      columns[c].forEach((button, i) => {
        button.hidden = !hit;
        if (!hit) return;
        placeButton(button, column, i);
      });
    });
    if (current && columns[current.column][current.i]?.hidden) makeCurrent(firstShown());
    if (!current) makeCurrent(firstShown());
  }

  function choose(column, unit) {
    const { selection } = store.get();
    const { layer } = selection;
    if (column === 0) {
      store.patch({ selection: { ...selection, layer: 1, input: unit + 1, unit: layer === 1 ? selection.unit : 1 } });
    } else if (column !== layer || unit + 1 !== selection.unit) {
      const input = column === layer ? selection.input : 1;
      store.patch({ selection: { ...selection, layer: column, unit: unit + 1, input } });
    }
  }

  function showSelection() {
    const { selection, opened } = store.get();
    if (!opened) return;
    columns.forEach((buttons, c) => {
      for (const button of buttons) {
        const pressed = c === 0 ? isInput(button, selection) : isUnit(button, c, selection);
        if (button.getAttribute("aria-pressed") !== String(pressed)) button.setAttribute("aria-pressed", String(pressed));
      }
    });
  }

  function isInput(button, { layer, input }) {
    return layer === 1 && columns[0].indexOf(button) === input - 1;
  }

  function isUnit(button, c, { layer, unit }) {
    return c === layer && button.getAttribute("aria-label") === t("diagram.unit", { unit, layer });
  }

  function firstShown() {
    const column = columns.findIndex((buttons, c) => c > 0 && buttons.length > 0);
    return column < 0 ? null : { column, i: 0 };
  }

  function makeCurrent(next) {
    if (current) columns[current.column][current.i]?.setAttribute("tabindex", -1);
    current = next;
    if (current) columns[current.column][current.i]?.setAttribute("tabindex", 0);
  }

  function find(target) {
    for (const [column, buttons] of columns.entries()) {
      const i = buttons.indexOf(target);
      if (i >= 0) return { column, i };
    }
    return null;
  }

  function onKey(event) {
    const from = find(event.target);
    if (!from || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = nextOf(columns, from, event.key);
    if (next === undefined) return;
    event.preventDefault();
    if (!next) return;
    columns[next.column][next.i].focus();
    point(next);
  }

  return { build, arrange };
}

/** The names beside the tiles of a column, for the eye: buttons have names of their own. */
function namesOf({ names }) {
  return (names ?? []).map((name) => make("span", { class: "tile-name", title: name, "aria-hidden": "true" }, name));
}

/** Put a button over its tile; over a small one it is a little larger, so that it can be hit. */
function placeButton(button, column, i) {
  const { x, y, width, height } = tileOf(column, i);
  const [wide, tall] = [width, column.kind === "rows" ? column.pitch : height].map((size) => Math.max(LEAST_TARGET, size));
  const [left, top] = [x - (wide - width) / 2, column.kind === "rows" ? y : y - (tall - height) / 2];
  Object.assign(button.style, { left: `${left}px`, top: `${top}px`, width: `${wide}px`, height: `${tall}px` });
}

/** Put a name beside its tile: of an input at the left, of an output at the right, above its value. */
function placeName(name, column, i, input) {
  name.hidden = column.kind === "cells";
  const { x, y, width, height } = tileOf(column, i);
  if (column.below) {
    Object.assign(name.style, { left: `${x + width / 2 - 40}px`, top: `${y + height + 10}px`, width: "80px", fontSize: "12px" });
    name.style.textAlign = "center";
    return;
  }
  const rows = column.kind === "rows";
  const middle = y + (rows ? column.pitch : height) / 2;
  const size = rows ? Math.max(9.5, Math.min(12, column.pitch - 2.5)) : 12;
  const room = rows ? column.text : (input ? column.before : column.after) - 8;
  const left = input ? (rows ? x + width - column.side - 6 : x - 6) - room : x + width + 8;
  const above = !input && column.side >= WITH_VALUE ? 7 : 0;
  Object.assign(name.style, { left: `${left}px`, top: `${middle - above}px`, width: `${room}px`, fontSize: `${size}px` });
  name.style.textAlign = "";
  name.classList.toggle("at-left", input);
}

/** Where a key leads from a tile: another tile, null for none, undefined for a key of another kind. */
function nextOf(columns, { column, i }, key) {
  const n = columns[column].length;
  const at = (to) => (to >= 0 && to < n ? { column, i: to } : null);
  if (key === "ArrowDown") return at(i + 1);
  if (key === "ArrowUp") return at(i - 1);
  if (key === "Home") return at(0);
  if (key === "End") return at(n - 1);
  if (key !== "ArrowLeft" && key !== "ArrowRight") return undefined;
  const step = key === "ArrowRight" ? 1 : -1;
  const beside = (columns[column + step] ?? []).filter((button) => !button.hidden);
  if (beside.length === 0) return null;
  return { column: column + step, i: Math.min(beside.length - 1, Math.floor(((i + 0.5) / n) * beside.length)) };
}
