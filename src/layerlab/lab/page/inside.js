// The tab Inside: one iteration, stage by stage, with the numbers of one unit, one weight and one example.

import { createBackward } from "./backward.js";
import { make, newId, setText } from "./elements.js";
import { whole } from "./numbers.js";
import { createCost, createForward } from "./stages.js";
import { createUpdate, placeOf } from "./updating.js";

const STAGES = [1, 2, 3, 4];

/** What the diagram shows at each stage. */
const LENSES = { 1: "numbers", 2: "numbers", 3: "gradients", 4: "steps" };

/** The id of the messages by which numbers are asked for. */
const ASKED = "setting:inside";

/** @param {HTMLElement} element the panel. @param {object} context as for all. */
export function createInside(element, context) {
  const { store, t, signal } = context;
  const title = make("h3", { class: "inside-title" });
  const total = make("span", { class: "soft" });
  const content = make("div", { class: "stage-content" });
  const notes = make("div", { class: "stage-notes" });
  const absent = make("p", { class: "absent-example", role: "note", hidden: true });
  const stages = [
    createForward(context, (input) => choose({ input })),
    createCost(context),
    createBackward(context, (example) => choose({ example })),
    createUpdate(context),
  ];
  content.append(...stages.map((one) => one.element));
  element.append(
    make("div", { class: "inside-head" }, title, total),
    choiceFields(context, choose),
    stageButtons(context),
    absent,
    content,
    notes,
    nextButton(context),
  );
  askWhenNeeded(context);

  store.on(["inside", "stage", "tab", "opened"], (state) => {
    const { inside, stage, tab, opened } = state;
    content.hidden = !inside || !opened;
    if (tab !== "inside" || !inside || !opened) return;
    const about = { featureNames: opened.data.feature_names ?? [], classNames: opened.data.class_names ?? [] };
    stages.forEach((one, place) => {
      one.element.hidden = place !== stage - 1;
    });
    stages[stage - 1].show(inside, about);
    showNotes(notes, absent, inside, t);
    letWideScroll(content, t);
  });
  const observer = new ResizeObserver(() => letWideScroll(content, t));
  observer.observe(content);
  signal.addEventListener("abort", () => observer.disconnect());
  store.on(["told", "inside"], ({ told, inside }) => {
    const update = inside?.update ?? told?.update ?? 0;
    setText(title, t("inside.iteration", { n: whole(update + 1) }));
    const last = told?.iterations ?? 0;
    setText(total, told ? t(update < last ? "inside.of" : "inside.would_be", { n: whole(last) }) : "");
  });

  function choose(changes) {
    const { selection, opened } = store.get();
    store.patch({ selection: valid({ ...selection, ...changes }, opened) });
  }
}

/** Let the keyboard reach formulas that are wider than their place, to scroll them. */
function letWideScroll(content, t) {
  for (const formula of content.querySelectorAll(".stage-section:not([hidden]) .formula")) {
    const wide = formula.scrollWidth > formula.clientWidth + 1;
    if (wide === formula.hasAttribute("tabindex")) continue;
    if (wide) {
      formula.tabIndex = 0;
      formula.setAttribute("role", "group");
      formula.setAttribute("aria-label", t("inside.formula"));
    } else for (const name of ["tabindex", "role", "aria-label"]) formula.removeAttribute(name);
  }
}

/** A choice that the network and the training set have. */
function valid({ layer, unit, input, example }, opened) {
  if (!opened) return { layer, unit, input, example };
  const dims = opened.network.layer_dims;
  const within = (n, low, high) => Math.min(Math.max(Math.round(n) || low, low), high);
  const at = within(layer, 1, dims.length - 1);
  const from = input === null ? null : within(input, 1, dims[at - 1]);
  return { layer: at, unit: within(unit, 1, dims[at]), input: from, example: within(example, 0, opened.examples - 1) };
}

/** Ask for the numbers whenever they are not those of the choice and of the present update; one question at a time. */
function askWhenNeeded({ store, send }) {
  let asked = ""; // what the last question was about
  let waiting = false;
  const ask = (state) => {
    const { connected, opened, told, tab, selection } = state;
    if (!connected || !opened || !told) {
      [asked, waiting] = ["", false];
      return;
    }
    if (tab !== "inside" || waiting || !["ready", "playing"].includes(told.state)) return;
    const chosen = valid(selection, opened);
    const key = JSON.stringify([opened.data.name, opened.settings.seed, chosen, told.update, told.iterations, told.events.length, told.settings]);
    if (key === asked) return;
    [asked, waiting] = [key, true];
    send({ type: "inside", id: ASKED, ...chosen });
  };
  store.on(["inside", "refused"], (state) => {
    if (state.inside?.id === ASKED || state.refused?.id === ASKED) waiting = false;
    ask(state);
  });
  store.on(["opened"], (state) => {
    asked = "";
    ask(state);
  });
  store.on(["connected", "told", "tab", "selection"], ask);
}

/** Layer, unit, input or bias, and example. */
function choiceFields({ store, t }, choose) {
  const layer = make("select", {});
  const [unit, input, example] = ["unit", "input", "example"].map(() => make("input", { type: "number", step: 1 }));
  const bias = make("input", { type: "checkbox" });
  const unitOf = field(t("inside.unit"), unit);
  const inputOf = field(t("inside.input"), input);
  const exampleOf = field(t("inside.example"), example);
  const biasId = newId();
  bias.id = biasId;
  const biasLine = make("div", { class: "check" }, bias, make("label", { for: biasId }, t("inside.bias")));
  const about = make("p", { class: "soft choice-about" });
  layer.addEventListener("change", () => choose({ layer: Number(layer.value), input: bias.checked ? null : 1 }));
  for (const [control, name] of [[unit, "unit"], [input, "input"], [example, "example"]]) {
    control.addEventListener("change", () => {
      choose({ [name]: Number(control.value) });
      show(store.get());
    });
  }
  bias.addEventListener("change", () => choose({ input: bias.checked ? null : Number(input.value) || 1 }));

  function show({ opened, selection }) {
    if (!opened) return;
    const dims = opened.network.layer_dims;
    const chosen = valid(selection, opened);
    const options = dims.slice(1).map((_, place) => (place === dims.length - 2 ? t("inside.layer.output", { n: place + 1 }) : String(place + 1)));
    if (options.join() !== [...layer.options].map(({ text }) => text).join()) {
      layer.replaceChildren(...options.map((text, place) => make("option", { value: place + 1 }, text)));
    }
    layer.value = String(chosen.layer);
    limit(unit, 1, dims[chosen.layer], chosen.unit);
    limit(input, 1, dims[chosen.layer - 1], chosen.input ?? "");
    limit(example, 0, opened.examples - 1, chosen.example);
    input.disabled = chosen.input === null;
    setText(about, chosenWords(chosen, opened, t));
    bias.checked = chosen.input === null;
    unitOf.hint(t("inside.range", { low: 1, high: whole(dims[chosen.layer]) }));
    inputOf.hint(t("inside.range", { low: 1, high: whole(dims[chosen.layer - 1]) }));
    exampleOf.hint(t("inside.range", { low: 0, high: whole(opened.examples - 1) }));
  }

  store.on(["opened", "selection"], show);
  const layerOf = field(t("inside.layer"), layer);
  return make("div", { class: "choice" }, layerOf.element, unitOf.element, inputOf.element, exampleOf.element, about, biasLine);
}

/** Which weight or bias that is: its place as NumPy has it, and the name of the input. */
function chosenWords(chosen, { data }, t) {
  const place = placeOf(chosen);
  if (chosen.input === null) return t("inside.chosen.bias", { place });
  const name = chosen.layer === 1 ? data.feature_names?.[chosen.input - 1] : undefined;
  return name ? t("inside.chosen.named", { place, name }) : t("inside.chosen", { place });
}

function field(label, control) {
  const [id, hintId] = [newId(), newId()];
  control.id = id;
  control.setAttribute("aria-describedby", hintId);
  const hint = make("span", { class: "soft", id: hintId });
  const line = make("div", { class: "field-line" }, make("label", { for: id }, label), hint);
  const element = make("div", { class: "field" }, line, control);
  return {
    element,
    hint: (text) => setText(hint, text),
  };
}

function limit(control, low, high, value) {
  control.min = low;
  control.max = high;
  if (control.value !== String(value)) control.value = value;
}

function stageButtons({ store, t }) {
  const buttons = STAGES.map((stage) => {
    const button = make("button", { class: "stage-button", type: "button" }, t(`inside.stage.${stage}`));
    button.addEventListener("click", () => store.patch({ stage, lens: LENSES[stage] }));
    return button;
  });
  store.on(["stage"], ({ stage }) => {
    buttons.forEach((button, place) => button.setAttribute("aria-pressed", String(place === stage - 1)));
  });
  return make("div", { class: "stages", role: "group", "aria-label": t("inside.stages") }, ...buttons);
}

/** The button that goes on: to the next stage, and after the last one to the next iteration. */
function nextButton({ store, send, t }) {
  const button = make("button", { class: "button first next-stage", type: "button" });
  button.addEventListener("click", () => {
    const { stage, told, opened } = store.get();
    if (stage < STAGES.length) {
      store.patch({ stage: stage + 1, lens: LENSES[stage + 1] });
      return;
    }
    if (told.update >= told.iterations) {
      store.patch({ proposed: { runOn: told.iterations + (opened.settings.iterations ?? told.iterations) } });
      return;
    }
    send({ type: "step", n: 1 });
    store.patch({ stage: 1, lens: LENSES[1] });
  });
  store.on(["stage"], ({ stage }) => setText(button, t(stage < STAGES.length ? "inside.next" : "inside.finish")));
  store.on(["told", "connected"], ({ told, connected }) => {
    button.disabled = !connected || !told;
  });
  return make("div", { class: "next-line" }, button);
}

/** What is special in this update. */
function showNotes(element, absent, { facts, asked, in_update: used }, t) {
  absent.hidden = used !== false;
  if (used === false) setText(absent, t("inside.not_in_update", { asked: whole(asked), example: whole(facts.chosen.example) }));
  const told = facts.step === null && facts.optimizer === "lbfgs" ? "L-BFGS" : "\n"; // its stage says it already
  const notes = facts.notes.filter((text) => !text.startsWith(told)).map((text) => make("p", { class: "soft", lang: "en" }, text));
  element.replaceChildren(...notes);
}
