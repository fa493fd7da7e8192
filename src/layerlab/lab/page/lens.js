// What the diagram shows: the choice of a lens, its legend, and a sentence on what is seen.

import { make, newId } from "./elements.js";

const LENSES = ["maps", "numbers", "gradients", "steps"];
const PICTURES = ["learned", "weights"];

/** @param {HTMLElement} head of the region, where the choice goes. @param {object} context as for all. */
export function createLensChoice(head, { store, t }) {
  const choice = choiceOf(t("diagram.lens"), LENSES, (name) => t(`diagram.lens.${name}`), (lens) => store.patch({ lens }));
  head.append(choice.element);
  store.on(["lens"], ({ lens }) => choice.show(lens));
}

/** The choice between what first-layer weights have learned, and the weights: for images alone. */
export function createPicturesChoice(place, { store, t }) {
  const words = (name) => t(`diagram.pictures.${name}`);
  const choice = choiceOf(t("diagram.pictures"), PICTURES, words, (pictures) => store.patch({ pictures }));
  choice.element.classList.add("with-legend");
  place.append(choice.element);
  store.on(["pictures", "opened", "lens"], ({ pictures, opened, lens }) => {
    choice.show(pictures);
    choice.element.hidden = !opened?.data.image_shape || (lens !== "maps" && lens !== "numbers");
  });
}

/** Radio buttons side by side. */
function choiceOf(legend, names, words, choose) {
  const group = newId();
  const inputs = names.map((name) => make("input", { type: "radio", name: group, value: name, change: () => choose(name) }));
  const labels = names.map((name, i) => make("label", { class: "segment" }, inputs[i], make("span", {}, words(name))));
  const element = make("fieldset", { class: "segments" }, make("legend", {}, legend), ...labels);
  return {
    element,
    show(chosen) {
      for (const input of inputs) input.checked = input.value === chosen;
    },
  };
}

/** The legend below the diagram: the scale of the colours, the two kinds of edges, and a sentence. */
export function createLegend(place, context) {
  const { store, t } = context;
  const scale = make(
    "span",
    { class: "legend-item" },
    make("span", { class: "sign negative" }, "−"),
    make("span", { class: "colour-scale" }),
    make("span", { class: "sign positive" }, "+"),
    make("span", { class: "unseen" }, t("diagram.scale")),
  );
  const edges = make("span", { class: "legend-edges" });
  const sentence = make("p", { class: "lens-sentence" });
  place.append(sentence, make("p", { class: "lens-legend soft" }, scale, edges));
  store.on(["lens", "opened", "pictures", "selection", "frame"], (state) => {
    if (!state.opened) return;
    const key = sentenceOf(state);
    const values = { example: state.selection.example };
    const text = t(key, values);
    if (sentence.textContent !== text) sentence.textContent = text;
    if (edges.dataset.lens === state.lens) return;
    edges.dataset.lens = state.lens;
    edges.replaceChildren(...edgeWords(state.lens, t));
  });
}

function sentenceOf({ lens, opened, pictures, frame }) {
  if (lens === "gradients" && frame?.head.lens === lens && frame.head.in_update === false) return "diagram.says.not_in_batch";
  if (lens === "steps" && frame?.head.lens === lens && !Object.keys(frame.arrays).some((name) => name.startsWith("sW"))) {
    return "diagram.says.no_step";
  }
  if (lens === "numbers" && (opened.planar || opened.data.image_shape)) return "diagram.says.numbers.pale";
  if (lens !== "maps") return `diagram.says.${lens}`;
  if (opened.planar) return "diagram.says.maps.plane";
  const untrained = pictures === "learned" && !frame?.head.pictures_update;
  if (opened.data.image_shape && untrained) return "diagram.says.maps.untrained";
  return opened.data.image_shape ? `diagram.says.maps.${pictures}` : "diagram.says.maps.table";
}

function edgeWords(lens, t) {
  const line = (name) => make("span", { class: `edge-line ${name}` });
  const what = t(`diagram.edges.${lens}`);
  return [
    make("span", {}, what),
    make("span", { class: "legend-item" }, line("positive"), make("b", { class: "positive" }, t("diagram.positive"))),
    make("span", { class: "legend-item" }, line("negative"), make("b", { class: "negative" }, t("diagram.negative"))),
    make("span", {}, t("diagram.thicker")),
  ];
}
