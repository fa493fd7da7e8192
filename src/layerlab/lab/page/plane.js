// The tab "What it says": what the network says of the plane or of one example, and what would be right.

import { make } from "./elements.js";
import { createExampleChoice } from "./example.js";
import { createSurface } from "./surface.js";
import { drawPicture } from "./tiles.js";
import { createValues } from "./values.js";
import { createVerdict } from "./verdict.js";

/** @param {HTMLElement} element the tab's panel. @param {object} context as for all. */
export function createPlane(element, context) {
  const { store, t } = context;
  const surface = make("div", { class: "surface", hidden: true });
  const choice = make("div", { class: "example-choice" });
  const picture = make("canvas", { class: "example-picture", role: "img", hidden: true });
  const verdict = make("div", { class: "verdict" });
  const values = make("div", { class: "example-values", hidden: true });
  element.append(surface, choice, make("div", { class: "example" }, picture, verdict), values);
  const showSurface = createSurface(surface, context);
  createExampleChoice(choice, context);
  const showVerdict = createVerdict(verdict, context);
  const showValues = createValues(values, context);
  let drawn = null;

  store.on(["opened", "frame", "tab", "pointed", "scheme", "selection"], (state) => {
    const { opened, frame, tab } = state;
    if (!opened || tab !== "says") return;
    surface.hidden = !opened.planar;
    picture.hidden = !opened.data.image_shape;
    values.hidden = Boolean(opened.planar || opened.data.image_shape);
    if (opened.planar) showSurface(state);
    showVerdict(state);
    if (!frame || frame === drawn) return;
    drawn = frame;
    if (!picture.hidden) showPicture(frame);
    if (!values.hidden) showValues(state);
  });

  function showPicture({ head, arrays }) {
    const array = arrays.picture;
    if (!array) return;
    const [rows, columns] = array.shape;
    const scale = Math.max(1, Math.round((144 * Math.min(3, devicePixelRatio || 1)) / Math.max(rows, columns)));
    const [width, height] = [columns * scale, rows * scale];
    if (picture.width !== width || picture.height !== height) [picture.width, picture.height] = [width, height];
    drawPicture(picture.getContext("2d"), array, { left: 0, top: 0, width, height });
    const name = t("plane.picture", { example: head.example });
    if (picture.getAttribute("aria-label") !== name) picture.setAttribute("aria-label", name);
  }
}

