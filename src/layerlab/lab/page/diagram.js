// The network: layers of units over their edges, in the lens that is chosen.

import { coloursAt } from "./colour.js";
import { drawEdges, edgeAt } from "./edges.js";
import { make } from "./elements.js";
import { filledHeight, layOut, likedHeight, NARROW, tileAt } from "./layout.js";
import { createLegend, createLensChoice, createPicturesChoice } from "./lens.js";
import { whole } from "./numbers.js";
import { createReadout } from "./readout.js";
import { partsOf, sceneOf } from "./scene.js";
import { createTiles } from "./tiles.js";
import { createUnits } from "./units.js";

/** Of Inside's four stages: whether the layer's own weights are at work (0), or those after it (1). */
const WEIGHTS_AT_WORK = { 1: 0, 3: 1, 4: 0 };

/** A height in pixels in which every kind of inputs has room. */
const TALL = 600;

/** @param {HTMLElement} element the region. @param {object} context as for all. */
export function createDiagram(element, context) {
  const { store, t, signal } = context;
  createLensChoice(element.querySelector(".region-head"), context);
  const canvases = [make("canvas", { "aria-hidden": "true" }), make("canvas", { "aria-hidden": "true" })];
  const [edgeContext, tileContext] = canvases.map((canvas) => canvas.getContext("2d"));
  const light = make("div", { class: "layer-light", hidden: true }, make("span", {}));
  const over = make("div", { class: "units", role: "group", "aria-label": t("diagram.units") });
  const inner = make("div", { class: "net-inner" }, light, ...canvases, over);
  const stage = make("div", { class: "net" }, inner);
  const foot = make("div", { class: "diagram-foot" });
  element.append(stage, foot);
  const readout = createReadout(foot, context);
  createPicturesChoice(foot, context);
  createLegend(foot, context);
  const units = createUnits(over, context, readout.id, (tile) => point(tile ? { tile } : null));
  const drawTiles = createTiles();
  let [scene, layout, colours, known] = [null, null, null, ""];
  let pointed = null;
  let asked = 0;

  store.on(["opened", "frame"], (state) => {
    if (renew(state)) place();
    if (state.frame && layout) draw(state);
  });
  store.on(["scheme"], () => {
    colours = null;
    ask();
  });
  store.on(["lens", "selection", "stage", "tab"], ask);
  matchMedia("(forced-colors: active)").addEventListener("change", () => {
    colours = null;
    ask();
  }, { signal });
  const observer = new ResizeObserver(() => place());
  observer.observe(stage);
  signal.addEventListener("abort", () => observer.disconnect());
  inner.addEventListener("pointermove", (event) => point(under(event)));
  inner.addEventListener("pointerleave", () => point(null));
  inner.addEventListener("click", (event) => chooseEdge(under(event)?.edge));

  /** Describe the network again where it is another one; return whether it is. */
  function renew({ opened, frame }) {
    if (!opened) return false;
    const shown = frame?.head.shown ?? {};
    const key = JSON.stringify([opened.network, opened.data.name, shown]);
    if (key === known && scene.opened === opened) return false;
    const same = key === known;
    scene = { ...sceneOf(opened, shown), opened };
    known = key;
    if (!same) units.build(scene);
    pointed = null;
    return true;
  }

  /** Lay out and draw anew, as the place is now. */
  function place() {
    if (!scene) return;
    const width = stage.clientWidth;
    if (width === 0) return;
    const heads = headsOf(scene, scene.opened, t, width < NARROW);
    const fonts = getComputedStyle(stage).fontFamily;
    edgeContext.font = `600 12px ${fonts}`;
    const measure = (text) => edgeContext.measureText(text).width;
    const layIn = (height) => layOut(width, height, partsOf(scene, heads, measure, width, height));
    const liked = likedHeight(partsOf(scene, heads, measure, width, TALL));
    stage.style.setProperty("--liked", `${filledHeight(layIn(liked))}px`);
    layout = layIn(stage.clientHeight);
    inner.style.width = `${layout.width}px`;
    const ratio = Math.min(3, devicePixelRatio || 1);
    Object.assign(layout, { fonts, ratio });
    canvases.forEach((canvas, k) => {
      canvas.width = Math.round(layout.width * ratio);
      canvas.height = Math.round(layout.height * ratio);
      Object.assign(canvas.style, { width: `${layout.width}px`, height: `${layout.height}px` });
      [edgeContext, tileContext][k].setTransform(ratio, 0, 0, ratio, 0, 0);
    });
    units.arrange(layout, heads);
    draw(store.get());
  }

  function ask() {
    if (!asked) asked = requestAnimationFrame(() => {
      asked = 0;
      if (layout && !signal.aborted) draw(store.get());
    });
  }

  function draw(state) {
    colours ??= coloursAt(element);
    const { frame } = state;
    const arrays = frame?.arrays ?? {};
    const lens = lensNow(state);
    const work = workOf(state, layout.columns.length - 1);
    const chosen = pointed?.tile ?? chosenTile(state);
    const view = { scene, layout, arrays, lens, colours, fonts: layout.fonts, ratio: layout.ratio, example: frame?.head.example ?? 0 };
    drawTiles(tileContext, view);
    drawEdges(edgeContext, { ...view, chosen, edge: pointed?.edge, light: work });
    showWork(work);
    readout.show(view, pointed ?? { tile: chosen });
  }

  function chosenTile({ selection }) {
    const column = scene.columns[selection.layer];
    return { column: selection.layer, i: column ? column.units.indexOf(selection.unit - 1) : -1, unit: selection.unit - 1 };
  }

  /** What lies under the pointer: a tile, else an edge, else null. */
  function under(event) {
    if (!layout) return null;
    const box = inner.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const tile = tileAt(layout.columns, x, y);
    if (tile) return { tile };
    const edge = edgeAt(scene, layout, chosenTile(store.get()), x, y);
    return edge ? { edge } : null;
  }

  function point(next) {
    if (JSON.stringify(next) === JSON.stringify(pointed)) return;
    pointed = next;
    inner.classList.toggle("on-edge", Boolean(next?.edge));
    const tile = next?.tile;
    const at = tile && tile.column > 0 ? { layer: tile.column, unit: scene.columns[tile.column].units[tile.i] + 1 } : null;
    store.patch({ pointed: at });
    if (layout) draw(store.get());
  }

  function chooseEdge(edge) {
    if (!edge) return;
    const { selection } = store.get();
    const unit = scene.columns[edge.gap + 1].units[edge.j] + 1;
    const input = scene.columns[edge.gap].units[edge.i] + 1;
    store.patch({ selection: { ...selection, layer: edge.gap + 1, unit, input } });
  }

  function showWork(work) {
    light.hidden = !work;
    if (!work) return;
    const column = layout.columns[work.column];
    const half = Math.max(column.head, column.width, 72) / 2 + 8;
    Object.assign(light.style, { left: `${column.middle - half}px`, width: `${2 * half}px` });
    light.firstChild.textContent = t(`diagram.work.${work.stage}`);
  }
}

/** The lens that the frame can be drawn in. */
function lensNow({ lens, frame }) {
  if (lens === "maps" || lens === "numbers" || !frame) return lens;
  return frame.head.lens === lens ? lens : "numbers";
}

/** Which layer Inside is at, and which weights are at work: {stage, column, gap}, or null. */
function workOf({ tab, stage, selection }, last) {
  if (tab !== "inside") return null;
  if (stage === 2) return { stage, column: last, gap: null };
  return { stage, column: selection.layer, gap: selection.layer - 1 + WEIGHTS_AT_WORK[stage] };
}

/** The lines of each column's head. */
function headsOf(scene, { network }, t, narrow) {
  return scene.columns.map((column, c) => {
    const last = c === scene.columns.length - 1;
    if (c === 0) {
      const shape = !narrow && scene.image?.filter((n, k) => k < 2 || n > 1).map(whole).join(" × ");
      return [t("diagram.inputs"), shape ? t("diagram.pixels", { shape }) : whole(column.total)];
    }
    const kind = last ? network.output : network.activations[c - 1];
    const lines = [last ? t("diagram.output") : t("diagram.layer", { layer: c }), `${whole(column.total)} ${kind}`];
    if (column.n < column.total) lines[1] = t("diagram.shown", { n: column.n, total: `${whole(column.total)} ${kind}` });
    return lines;
  });
}
