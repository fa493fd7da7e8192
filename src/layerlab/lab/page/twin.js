// The plane in words: a table of the class at some points, for whoever does not see the colours.

import { make, setText } from "./elements.js";
import { classNames, inputNames } from "./scene.js";

/** So many points along each axis. */
const POINTS = 7;

/** Milliseconds between two tables while a training plays. */
const PAUSE = 1000;

/** @returns {function(object): void} shows a state of the store, where the table is open. */
export function createTwin(place, { store, t }) {
  const caption = make("caption", { class: "soft" });
  const body = make("tbody", {});
  const head = make("tr", {});
  const table = make("table", { class: "twin" }, caption, make("thead", {}, head), body);
  const details = make("details", { class: "as-table" }, make("summary", {}, t("plane.as_table")), table);
  place.append(details);
  let last = 0;
  details.addEventListener("toggle", () => {
    last = 0;
    show(store.get());
  });
  return show;

  function show({ opened, frame, told }) {
    details.hidden = !opened?.planar || opened.data.task !== "classes";
    if (details.hidden || !details.open || !frame) return;
    const now = performance.now();
    if (told?.state === "playing" && now - last < PAUSE) return;
    last = now;
    const map = frame.arrays[`map:${opened.network.layer_dims.length - 1}`];
    if (map) fill(opened, map, frame.head);
  }

  function fill({ planar, data, network }, { shape, data: bytes }, headOfFrame) {
    const [n, rows, columns] = shape;
    const [x0, x1, y0, y1] = planar.box;
    const [across, up] = inputNames(data, 2);
    const names = classNames(data, network.layer_dims.at(-1));
    const places = (from, to, cells) =>
      Array.from({ length: POINTS }, (_, k) => {
        const cell = Math.round(((k + 0.5) / POINTS) * cells - 0.5);
        return { cell, value: from + ((cell + 0.5) / cells) * (to - from) };
      });
    const [xs, ys] = [places(x0, x1, columns), places(y1, y0, rows)];
    setText(caption, t("plane.twin", { across, up, update: headOfFrame.update }));
    head.replaceChildren(make("td", {}), ...xs.map(({ value }) => make("th", { scope: "col" }, axisNumber(value, x1 - x0))));
    body.replaceChildren(
      ...ys.map(({ cell: row, value }) => {
        const cells = xs.map(({ cell }) => make("td", {}, names[classAt(bytes, n, rows * columns, row * columns + cell)]));
        return make("tr", {}, make("th", { scope: "row" }, axisNumber(value, y1 - y0)), ...cells);
      }),
    );
  }
}

/** A number on an axis, with as many decimals as a twentieth of the axis needs. */
export function axisNumber(value, span) {
  const decimals = Math.min(8, Math.max(0, Math.ceil(-Math.log10(span / 20))));
  return String(Number(value.toFixed(decimals)) ? value.toFixed(decimals) : 0).replace("-", "−");
}

/** The class that is likeliest at a cell of the maps. */
function classAt(bytes, n, size, at) {
  if (n === 1) return bytes[at] > 127 ? 1 : 0;
  let best = 0;
  for (let k = 1; k < n; k += 1) if (bytes[k * size + at] > bytes[best * size + at]) best = k;
  return best;
}
