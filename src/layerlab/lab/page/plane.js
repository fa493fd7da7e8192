// The tab "What it says": what the network says of the plane or of one example, and what would be right.

import { make, newId, setText } from "./elements.js";
import { whole } from "./numbers.js";
import { createSurface } from "./surface.js";
import { drawPicture } from "./tiles.js";
import { createValues, createVerdict } from "./verdict.js";

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

/** The choice of a training example, by its number. */
function createExampleChoice(place, { store, t }) {
  const [id, hintId, wrongId] = [newId(), newId(), newId()];
  const input = make("input", {
    id,
    type: "text",
    inputmode: "numeric",
    autocomplete: "off",
    class: "example-number",
    "aria-describedby": `${hintId} ${wrongId}`,
  });
  const hint = make("span", { id: hintId, class: "soft" });
  const wrong = make("p", { id: wrongId, class: "wrong", role: "status" });
  const before = stepButton(-1, "‹", t("plane.previous"));
  const after = stepButton(1, "›", t("plane.next"));
  const row = make("div", { class: "example-row" }, make("label", { for: id }, t("plane.example")), before, input, after, hint);
  place.append(row, wrong);
  input.addEventListener("change", () => choose(input.value.replaceAll(/[,\s]/g, "")));
  store.on(["opened", "selection"], ({ opened, selection }) => {
    if (!opened) return;
    const n = opened.examples;
    setText(hint, t("plane.numbers", { last: whole(n - 1) }));
    before.disabled = selection.example <= 0;
    after.disabled = selection.example >= n - 1;
    if (input.value !== String(selection.example)) input.value = String(selection.example);
    complain("");
  });

  function stepButton(step, sign, name) {
    const button = make("button", { class: "icon-button", type: "button", "aria-label": name, title: name }, sign);
    button.addEventListener("click", () => choose(String(store.get().selection.example + step)));
    return button;
  }

  function choose(text) {
    const { opened, selection } = store.get();
    const example = Number(text);
    if (!opened) return;
    if (!/^\d+$/.test(text) || example >= opened.examples) complain(t("plane.wanted", { last: whole(opened.examples - 1) }));
    else {
      complain("");
      store.patch({ selection: { ...selection, example } });
    }
  }

  function complain(text) {
    setText(wrong, text);
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
}
