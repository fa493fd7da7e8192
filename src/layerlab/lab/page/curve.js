// The cost curve, and the timeline below it: a slider with the curve's margins that goes back to an earlier iteration.

import { make, newId, setText } from "./elements.js";
import { four, whole } from "./numbers.js";
import { axesOf, drawCurve, valueAt } from "./plotting.js";

/** The id of the messages by which the timeline moves the training. */
const SOUGHT = "timeline";

/** Rows of the curve's table. */
const ROWS = 20;

/** @param {HTMLElement} element the region of the curve. @param {object} context as for all. */
export function createCurve(element, context) {
  const { store, t, signal } = context;
  const canvas = make("canvas", { "aria-hidden": "true" });
  const plot = make("div", { class: "plot" }, canvas);
  const readout = make("span", { class: "readout number", "aria-hidden": "true" });
  const log = make("input", { type: "checkbox" });
  log.id = newId();
  const logLine = make("div", { class: "check" }, log, make("label", { for: log.id }, t("curve.log")));
  const legend = legendOf(t);
  element.querySelector(".region-head").append(legend.element, readout, logLine);
  const timeline = createTimeline(context);
  const empty = make("p", { class: "soft plot-empty" }, t("curve.none"));
  plot.append(empty);
  element.append(plot, timeline.element, curveTable(context));
  let place = placeOf(plot);
  let axes = null; // of what is drawn
  let pointed = null; // the iteration under the pointer

  function draw() {
    const { frame, told } = store.get();
    const size = fit(canvas, place);
    if (!size) return;
    const curves = curvesOf(frame);
    legend.validation.hidden = !curves.validation;
    axes = axesOf(curves, size, log.checked);
    empty.hidden = !frame || !axes.empty;
    setText(empty, t(curves.furthest > 0 ? "curve.too_large" : "curve.none"));
    drawCurve(canvas, { curves, axes, colours: coloursOf(element), update: timeline.update(), events: told?.events ?? [], pointed });
    setText(readout, pointed === null ? "" : said(curves, pointed, told?.events ?? []));
  }

  function said({ cost, validation }, iteration, events) {
    const at = { n: whole(iteration), cost: four(valueAt(cost, iteration)) };
    const near = events.find((one) => Math.abs(axes.x(one.update) - axes.x(iteration)) < 4);
    const text = validation
      ? t("curve.at_both", { ...at, validation: four(valueAt(validation, iteration)) })
      : t("curve.at", at);
    return near ? `${text} · ◆ ${near.sentence}` : text;
  }

  plot.addEventListener("pointermove", (event) => {
    const { left } = canvas.getBoundingClientRect();
    pointed = axes && axes.last > 0 ? axes.iteration(event.clientX - left) : null;
    draw();
  });
  plot.addEventListener("pointerleave", () => {
    pointed = null;
    draw();
  });
  plot.addEventListener("click", () => pointed !== null && timeline.seek(pointed));
  log.addEventListener("change", draw);
  const observer = new ResizeObserver(() => {
    place = placeOf(plot);
    draw();
  });
  observer.observe(plot);
  signal.addEventListener("abort", () => observer.disconnect());
  timeline.moved(draw);
  store.on(["frame", "scheme"], draw);
  store.on(["told"], ({ told }) => told?.state !== "playing" && draw()); // while it plays, the next frame comes at once
}

function legendOf(t) {
  const one = (name) => make("span", { class: `legend ${name}` }, make("span", { class: "line" }), t(`curve.${name}`));
  const validation = one("validation");
  return { element: make("div", { class: "legends" }, one("training"), validation), validation };
}

/** The size of the curve's place. To ask for it costs a layout of the page, so it is not done for every frame. */
function placeOf(plot) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  return { width: plot.clientWidth, height: plot.clientHeight, rem };
}

/** Give the canvas the size of its place, in the pixels of the screen; null where it is not seen. */
function fit(canvas, { width, height, rem }) {
  if (!width || !height) return null;
  const scale = globalThis.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  return { width, height, scale, rem };
}

/** What a frame holds of the curves: pairs of lowest and highest value, of blocks of rows, of iterations. */
function curvesOf(frame) {
  const { head = {}, arrays = {} } = frame ?? {};
  const of = (name, block, every) => {
    const array = arrays[`curve:${name}`];
    return array && array.data.length > 0 ? { pairs: array.data, block, every } : null;
  };
  return {
    furthest: head.furthest ?? 0,
    cost: of("cost", head.block ?? 1, 1),
    validation: of("validation_cost", head.validation_block ?? head.block ?? 1, head.validation_every ?? 1),
  };
}

function coloursOf(element) {
  if (matchMedia("(forced-colors: active)").matches) {
    return { ink: "CanvasText", soft: "CanvasText", line: "GrayText", training: "LinkText", validation: "CanvasText", accent: "Highlight", ground: "Canvas", sans: "sans-serif" };
  }
  const style = getComputedStyle(element);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: of("ink"),
    soft: of("ink-soft"),
    line: of("line"),
    training: of("positive"),
    validation: of("negative"),
    accent: of("accent"),
    attention: of("attention"),
    ground: of("surface"),
    sans: of("sans"),
  };
}

/** The slider. While it is moved, it shows where it is; else where the training is. */
function createTimeline({ store, send, t }) {
  const slider = make("input", { type: "range", class: "timeline", min: 0, max: 0, step: 1, "aria-label": t("iteration") });
  const element = make("div", { class: "timeline-line" }, slider);
  let wanted = null; // where it was moved to and the training is not yet
  let asked = null; // the last place that was asked for, until there is an answer
  let listener = () => {};

  function present() {
    const { told, frame } = store.get();
    if (told && told.state === "ready") return { update: told.update, furthest: told.furthest };
    return { update: frame?.head.update ?? told?.update ?? 0, furthest: Math.max(frame?.head.furthest ?? 0, told?.furthest ?? 0) };
  }

  function update() {
    return wanted ?? present().update;
  }

  function show() {
    const { furthest } = present();
    const at = update();
    const max = String(Math.max(furthest, at));
    if (slider.max !== max) slider.max = max;
    if (slider.value !== String(at)) slider.value = String(at);
    const text = t("curve.value", { n: whole(at), of: whole(furthest) });
    if (slider.getAttribute("aria-valuetext") !== text) slider.setAttribute("aria-valuetext", text);
    slider.style.setProperty("--done", `${furthest > 0 ? (100 * at) / furthest : 0}%`);
  }

  function seek(to) {
    wanted = to;
    show();
    listener();
    if (asked !== null) return;
    asked = wanted;
    send({ type: "seek", id: SOUGHT, update: asked });
  }

  function answered() {
    const next = wanted !== asked ? wanted : null;
    [asked, wanted] = [null, next];
    if (next !== null) seek(next);
  }

  slider.addEventListener("input", () => seek(Number(slider.value)));
  store.on(["told"], ({ told }) => {
    if (told?.id === SOUGHT && asked !== null) answered();
    show();
  });
  store.on(["refused"], ({ refused }) => {
    if (refused?.id === SOUGHT) [asked, wanted] = [null, null];
    show();
  });
  store.on(["opened", "connected"], () => {
    [asked, wanted] = [null, null];
    show();
  });
  store.on(["frame"], show);
  return {
    element,
    update,
    seek,
    moved(f) {
      listener = f;
    },
  };
}

/** The curve as a table of a few rows, made when it is opened and when the training rests. */
function curveTable({ store, t }) {
  const head = make("tr");
  const body = make("tbody");
  const table = make("table", { class: "curve-rows" }, make("thead", {}, head), body);
  const element = make("details", { class: "curve-table" }, make("summary", {}, t("curve.table")), table);
  function show() {
    const { frame, told } = store.get();
    if (!element.open || !frame || told?.state === "playing") return;
    const curves = curvesOf(frame);
    const names = [t("iteration"), t("cost"), ...(curves.validation ? [t("validation_cost")] : [])];
    head.replaceChildren(...names.map((name) => make("th", { scope: "col" }, name)));
    body.replaceChildren(...iterationsOf(curves).map((n) => {
      const values = [curves.cost, curves.validation].filter(Boolean).map((curve) => four(valueAt(curve, n)));
      return make("tr", {}, make("th", { scope: "row" }, whole(n)), ...values.map((one) => make("td", { class: "number" }, one)));
    }));
  }
  element.addEventListener("toggle", show);
  store.on(["frame", "told"], show);
  return element;
}

/** Some iterations from the first to the last one. */
function iterationsOf({ furthest }) {
  const count = Math.min(furthest, ROWS);
  const all = Array.from({ length: count }, (_, place) => 1 + Math.round((place * (furthest - 1)) / Math.max(count - 1, 1)));
  return [...new Set(all)];
}
