// The plane of two inputs: what the network, or the unit that is pointed at, says at each point, and the examples.

import { classColour, coloursAt, css, mix, scaleOf, valueColour } from "./colour.js";
import { make, setText } from "./elements.js";
import { classNames, examplesOf, inputNames } from "./scene.js";
import { createPixels, shortNumber } from "./tiles.js";
import { axisNumber, createTwin } from "./twin.js";

const RADIUS = 3.4;
const NEAR = 14;

/** The marks of the classes: corners, degrees of the first one, and size. More classes take them again. */
const MARKS = [
  [0, 0, 0.92],
  [3, -90, 1.3],
  [4, 45, 1.2],
  [4, 0, 1.3],
  [3, 90, 1.3],
];

/** @returns {function(object): void} shows a state of the store. */
export function createSurface(place, context) {
  const { store, t, signal } = context;
  const title = make("h3", {});
  const canvas = make("canvas", { class: "surface-ground", role: "img" });
  const points = make("canvas", { class: "surface-points", "aria-hidden": "true" });
  const [high, upName, low] = [make("span", {}), make("span", { class: "axis-name" }), make("span", {})];
  const [left, acrossName, right] = [make("span", {}), make("span", { class: "axis-name" }), make("span", {})];
  const square = make("div", { class: "surface-square" }, canvas, points);
  const up = make("div", { class: "axis up", "aria-hidden": "true" }, high, upName, low);
  const across = make("div", { class: "axis across", "aria-hidden": "true" }, left, acrossName, right);
  const legend = make("ul", { class: "surface-legend soft" });
  place.append(title, make("div", { class: "surface-grid" }, up, square, across), legend);
  const showTwin = createTwin(place, context);
  const ground = createPixels();
  let [colours, known, scheme] = [null, null, ""];
  let near = new Map();
  let [shownExample, size] = [-1, ""];

  square.addEventListener("click", (event) => choosePoint(event));
  const observer = new ResizeObserver(() => {
    if (store.get().opened?.planar && colours) show(store.get());
  });
  observer.observe(square);
  signal.addEventListener("abort", () => observer.disconnect());
  return show;

  function show(state) {
    const { opened, frame, pointed } = state;
    if (known !== opened || scheme !== state.scheme) {
      [known, scheme, colours] = [opened, state.scheme, coloursAt(place)];
      const at = (name) => mix(colours.surface, colours[name], name === "neutral" ? 0.7 : 0.55);
      colours.ground = scaleOf(at("negative"), at("neutral"), at("positive"));
      near = examplesOf(opened.planar, opened.data);
      [shownExample, size] = [-1, ""];
      canvas.width = canvas.height = 1;
      showAxes(opened);
      showLegend(opened);
    }
    const unit = pointed ? t("diagram.unit", { unit: pointed.unit, layer: pointed.layer }) : null;
    setText(title, unit ?? t("plane.output"));
    const ratio = Math.min(3, devicePixelRatio || 1);
    const side = square.clientWidth;
    if (side === 0) return;
    const now = `${side}×${ratio}`;
    if (now !== size || shownExample !== state.selection.example) {
      [size, shownExample] = [now, state.selection.example];
      drawPoints(opened, side, ratio);
    }
    if (frame) drawGround(state, Math.round(side * ratio));
    canvas.setAttribute("aria-label", unit ? t("plane.map_of_unit", { unit }) : t("plane.map"));
    showTwin(state);
  }

  function drawGround({ opened, frame, pointed }, side) {
    const last = opened.network.layer_dims.length - 1;
    const only = pointed?.layer === last && opened.network.layer_dims[last] === 1; // a single output says all
    const unit = pointed && !only && placeOf(frame, pointed);
    const map = frame.arrays[`map:${unit ? pointed.layer : last}`];
    if (!map) return;
    const [n, rows, columns] = map.shape;
    const pixels = ground.of(columns, rows);
    const size = rows * columns;
    const several = !unit && n > 1 && opened.data.task === "classes";
    if (several) paintClasses(pixels, map.data, n, size);
    else {
      const values = !unit && opened.data.task !== "classes";
      const scale = values ? valueScale(opened, (frame.arrays["range:given"] ?? frame.arrays[`range:${last}`])?.data) : colours.ground;
      for (let k = 0, from = (unit?.i ?? 0) * size; k < size; k += 1) pixels[k] = scale[map.data[from + k]];
    }
    ground.show();
    if (canvas.width !== side) [canvas.width, canvas.height] = [side, side];
    const context = canvas.getContext("2d");
    context.drawImage(ground.canvas, 0, 0, side, side);
    if (!unit && !several && opened.data.task === "classes") drawBoundary(context, map.data, rows, columns, side);
  }

  /** The colours of a map of values: the same for a value as those of the examples. */
  function valueScale({ planar }, ends) {
    if (!ends) return colours.ground;
    const [lowest, highest] = [Math.min(...planar.labels), Math.max(...planar.labels)];
    const scale = new Uint32Array(256);
    for (let k = 0; k < 256; k += 1) {
      const value = ends[0] + ((ends[1] - ends[0]) * k) / 255;
      scale[k] = colours.ground[Math.round(255 * Math.max(0, Math.min(1, (value - lowest) / (highest - lowest || 1))))];
    }
    return scale;
  }

  /** Where a unit's map is in its layer's: {i}; null where it is not drawn. */
  function placeOf({ head }, { layer, unit }) {
    const i = head.shown?.[layer] ? head.shown[layer].indexOf(unit) : unit - 1;
    return i < 0 ? null : { i };
  }

  /** Each point in the colour of its likeliest class, stronger where that is surer. */
  function paintClasses(pixels, data, n, size) {
    const neutral = mix(colours.surface, colours.neutral, 0.7);
    const scales = Array.from({ length: n }, (_, k) => {
      const at = (share) => mix(neutral, classColour(colours, k), share);
      return scaleOf(neutral, at(0.25), at(0.6));
    });
    for (let at = 0; at < size; at += 1) {
      let best = 0;
      for (let k = 1; k < n; k += 1) if (data[k * size + at] > data[best * size + at]) best = k;
      pixels[at] = scales[best][data[best * size + at]];
    }
  }

  /** A line where both classes are equally likely. */
  function drawBoundary(context, data, rows, columns, side) {
    const [w, h] = [side / columns, side / rows];
    const path = new Path2D();
    for (let r = 0; r + 1 < rows; r += 1) {
      for (let c = 0; c + 1 < columns; c += 1) crossing(path, data, r * columns + c, columns, c + 0.5, r + 0.5, w, h);
    }
    context.strokeStyle = css(colours.ink, 0.75);
    context.lineWidth = Math.max(1, side / 340);
    context.stroke(path);
  }

  function drawPoints(opened, side, ratio) {
    const { planar, data } = opened;
    points.width = points.height = Math.round(side * ratio);
    const context = points.getContext("2d");
    context.scale(ratio, ratio);
    const classes = data.task === "classes";
    const [lowest, highest] = [Math.min(...planar.labels), Math.max(...planar.labels)];
    planar.points.forEach((point, i) => {
      const label = planar.labels[i];
      const [x, y] = spot(planar.box, point, side);
      const share = highest > lowest ? (2 * (label - lowest)) / (highest - lowest) - 1 : 0;
      const colour = classes ? classColour(colours, label) : valueColour(colours, share);
      drawMark(context, classes ? label : 0, x, y, RADIUS, css(colour), classes ? css(colours.surface) : css(colours.ink, 0.6));
    });
    const chosen = near.get(store.get().selection.example);
    if (!chosen) return;
    const [x, y] = spot(planar.box, chosen, side);
    for (const [width, colour] of [[5, colours.surface], [2.25, colours.ink]]) {
      context.beginPath();
      context.arc(x, y, RADIUS + 5, 0, 2 * Math.PI);
      context.lineWidth = width;
      context.strokeStyle = css(colour);
      context.stroke();
    }
  }

  function spot([x0, x1, y0, y1], [x, y], side) {
    return [((x - x0) / (x1 - x0)) * side, ((y1 - y) / (y1 - y0)) * side];
  }

  function choosePoint(event) {
    const { opened, selection } = store.get();
    const box = square.getBoundingClientRect();
    let [nearest, found] = [NEAR, null];
    for (const [example, point] of near) {
      const [x, y] = spot(opened.planar.box, point, box.width);
      const distance = Math.hypot(x - (event.clientX - box.left), y - (event.clientY - box.top));
      if (distance < nearest) [nearest, found] = [distance, example];
    }
    if (found !== null) store.patch({ selection: { ...selection, example: found } });
  }

  function showAxes({ planar, data }) {
    const [x0, x1, y0, y1] = planar.box;
    const names = inputNames(data, 2);
    const note = data.standardized ? ` (${t("plane.standardised")})` : "";
    const texts = [[high, y1], [low, y0], [left, x0], [right, x1]];
    for (const [element, value] of texts) setText(element, axisNumber(value, element === high || element === low ? y1 - y0 : x1 - x0));
    setText(upName, names[1] + note);
    setText(acrossName, names[0] + note);
  }

  function showLegend({ data, network, planar }) {
    if (data.task !== "classes") {
      const ends = [Math.min(...planar.labels), Math.max(...planar.labels)].map(shortNumber);
      const scale = make("span", { class: "colour-scale", "aria-hidden": "true" });
      legend.replaceChildren(make("li", {}, ends[0], scale, ends[1]));
      return;
    }
    const names = classNames(data, network.layer_dims.at(-1)).slice(0, 2 * MARKS.length);
    legend.replaceChildren(...names.map((name, k) => make("li", {}, markPicture(k), name)));
    if (names.length === 2) legend.append(make("li", {}, make("span", { class: "boundary" }), t("plane.boundary")));
  }

  function markPicture(k) {
    const small = make("canvas", { class: "mark", width: 32, height: 32, "aria-hidden": "true" });
    drawMark(small.getContext("2d"), k, 16, 16, 8.5, css(classColour(colours, k)), css(colours.surface));
    return small;
  }
}

/** Where the level 127.5 crosses the square between four points of a map, as a line from side to side. */
function crossing(path, data, at, columns, x, y, w, h) {
  const corners = [data[at], data[at + 1], data[at + columns + 1], data[at + columns]];
  const above = corners.map((value) => value > 127.5);
  if (above.every((one) => one === above[0])) return;
  const places = [[0, 0], [1, 0], [1, 1], [0, 1]];
  const ends = [];
  for (let k = 0; k < 4; k += 1) {
    const next = (k + 1) % 4;
    if (above[k] === above[next]) continue;
    const share = (127.5 - corners[k]) / (corners[next] - corners[k]);
    const [from, to] = [places[k], places[next]];
    ends.push([(x + from[0] + (to[0] - from[0]) * share) * w, (y + from[1] + (to[1] - from[1]) * share) * h]);
  }
  for (let k = 0; k + 1 < ends.length; k += 2) {
    path.moveTo(...ends[k]);
    path.lineTo(...ends[k + 1]);
  }
}

/** Draw the mark of class k, with an edge that sets it off from the ground. */
function drawMark(context, k, x, y, radius, colour, edge) {
  const [corners, turn, size] = MARKS[Math.abs(Math.round(k)) % MARKS.length];
  context.beginPath();
  if (corners === 0) context.arc(x, y, size * radius, 0, 2 * Math.PI);
  for (let i = 0; i < corners; i += 1) {
    const angle = ((turn + (360 * i) / corners) * Math.PI) / 180;
    context.lineTo(x + size * radius * Math.cos(angle), y + size * radius * Math.sin(angle));
  }
  context.closePath();
  context.lineWidth = radius / 1.7;
  context.strokeStyle = edge;
  context.lineJoin = "round";
  context.stroke();
  context.fillStyle = colour;
  context.fill();
}
