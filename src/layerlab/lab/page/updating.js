// The fourth stage of an iteration, update: the optimiser's step of one weight or bias, and its change by hand.

import { make, newId, setText } from "./elements.js";
import { formulaLine, parsed, parsedTerms, pieces, row, sign } from "./formula.js";
import { detailed, exact, number, short, whole } from "./numbers.js";
import { examplesOf, heading, result, sentence, slot } from "./stages.js";
import { createTerms } from "./terms.js";

/** The id of a message that changes a weight; what is refused of it stands at its field. */
const EDIT = "setting:edit";

/** Names of the optimiser's numbers in formulas, beside those of the message. */
const SETTINGS = { momentum: "μ", beta1: "β₁", beta2: "β₂", epsilon: "ε", weight_decay: "δ" };

/** Stage 4. */
export function createUpdate(context) {
  const { t } = context;
  const [above, below] = [slot(), slot()];
  const terms = createTerms();
  const edit = createEdit(context);
  const element = make("section", { class: "stage-section" }, above, terms.element, below, edit.element);

  function show(message) {
    const { facts, formulas, symbols } = message;
    const { step } = facts;
    terms.element.hidden = !step || Object.keys(step.terms).length === 0;
    edit.show(facts);
    if (!step) {
      above.replaceChildren(sentence(t(whyNone(facts))));
      below.replaceChildren();
      return;
    }
    above.replaceChildren(
      sentence(t("inside.update")),
      heading(t("inside.step", { optimizer: t(`inside.optimizer.${facts.optimizer}`) })),
      rateLine(facts, t),
      ...formulas.update.flatMap(({ text }) => stepLines(text, facts)),
    );
    terms.show({
      caption: t("inside.step_terms"),
      heads: [t("inside.head.name"), t("inside.head.value")],
      rows: Object.entries(step.terms).map((term) => termRow(term, symbols)),
      barred: false,
    });
    below.replaceChildren(...outcome(facts, t));
  }

  return { element, show };
}

/** A value of the optimiser: its name, with its symbol where that is another one. */
function termRow([name, value], symbols) {
  const symbol = symbols[name] && symbols[name] !== name ? ` (${symbols[name]})` : "";
  return [`${name}${symbol}`, name === "t" ? { value, text: whole(value) } : value];
}

/** Why there is no step of one weight. */
function whyNone({ loss, optimizer }) {
  if (loss.cost === null) return "inside.no_step.not_finite";
  return optimizer === "lbfgs" ? "inside.no_step" : "inside.no_step.ended";
}

function rateLine({ step, settings }, t) {
  const { schedule = "constant", learning_rate: given } = settings;
  const scheduled = schedule !== "constant" && given !== null;
  const values = { rate: short(step.learning_rate), given: short(given), schedule };
  return sentence(t(scheduled ? "inside.rate.scheduled" : "inside.rate", values));
}

/** A formula of the optimiser, then the same with its numbers. */
function stepLines(text, facts) {
  const [left, right] = text.split(/ [←=] /);
  const numbers = numbersOf(left, facts);
  const found = resultOf(left, facts);
  const [first, ...others] = parsedTerms(right, { numbers });
  return [formulaLine(parsed(text)), pieces(row(sign("="), first), ...others, ...(found === null ? [] : [found]))];
}

/** What is put in for the names in a formula: on its right side, what it makes anew still has its value from before. */
function numbersOf(left, { step }) {
  const { terms } = step;
  const before = { exact: step.before, text: detailed(step.before, step.after) };
  const numbers = { "α": step.learning_rate, w: before, b: before, dw: step.gradient, db: step.gradient };
  for (const [name, symbol] of Object.entries(SETTINGS)) if (name in terms) numbers[symbol] = terms[name];
  for (const name of ["m", "v", "r"]) if (name in terms) numbers[name] = terms[left === name ? `${name}_before` : name];
  if ("t" in terms) numbers.t = terms.t;
  if ("m_corrected" in terms) [numbers.M, numbers.V] = [terms.m_corrected, terms.v_corrected];
  return numbers;
}

/** What a formula comes to, where the message has it. */
function resultOf(left, { step }) {
  if (left === "w" || left === "b") return result(step.after, detailed(step.after, step.before));
  const found = step.terms[{ M: "m_corrected", V: "v_corrected" }[left] ?? left];
  return found === undefined ? null : result(found);
}

/** The weight before and after, and the cost before and after. */
function outcome(facts, t) {
  const { step, loss, new_cost: cost } = facts;
  const list = make("dl", { class: "outcome" });
  const add = (name, before, after, change) => {
    list.append(make("dt", {}, name), make("dd", {}, one(before, after), " → ", one(after, before), ...change));
  };
  const change = make("span", { class: "soft number", title: exact(step.step) }, ` (${step.step < 0 ? "" : "+"}${number(step.step)})`);
  add(placeOf(facts.chosen), step.before, step.after, [change]);
  if (cost === null) return [list, sentence(t("inside.cost_not_finite"))];
  add(t("inside.cost_of_same", { examples: examplesOf(facts, t) }), loss.cost, cost, []);
  const how = cost < loss.cost ? "fell" : cost > loss.cost ? "rose" : "same";
  return [list, sentence(t(`inside.cost.${how}`))];
}

function one(value, other) {
  return make("span", { class: "number", title: exact(value) }, detailed(value, other));
}

/** The weight or bias as NumPy has it, with indices from 0. */
export function placeOf({ layer, unit, input }) {
  return input === null ? `b${layer}[${unit - 1}, 0]` : `W${layer}[${unit - 1}, ${input - 1}]`;
}

/** The field by which the chosen weight is set. */
function createEdit({ store, send, t }) {
  const [id, aboutId, wrongId] = [newId(), newId(), newId()];
  const label = make("label", { for: id });
  const input = make("input", {
    id,
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": `${aboutId} ${wrongId}`,
  });
  const button = make("button", { class: "button", type: "submit" }, t("inside.set"));
  const wrong = make("p", { class: "wrong", id: wrongId, hidden: true });
  const about = make("p", { class: "soft", id: aboutId }, t("inside.edit.about"));
  const line = make("div", { class: "edit-line" }, label, input, button);
  const element = make("form", { class: "edit" }, line, about, wrong);
  let shown = null;
  let sent = false; // whether what was typed is on its way: what comes back takes its place

  element.addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = input.value.trim().replace("−", "-");
    const value = Number(typed);
    if (typed === "" || !Number.isFinite(value)) fail(t("wanted.float"), t("language"));
    else {
      fail("");
      const { layer, unit, input: source } = shown;
      const [name, column] = source === null ? [`b${layer}`, 0] : [`W${layer}`, source - 1];
      sent = true;
      send({ type: "edit", id: EDIT, name, row: unit - 1, column, value });
    }
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !shown || input.value === shown.text) return;
    event.preventDefault();
    input.value = shown.text;
    fail("");
  });
  store.on(["refused"], ({ refused }) => {
    if (refused?.id !== EDIT) return;
    fail(refused.what, "en");
    sent = false;
  });

  function fail(text, language = "") {
    setText(wrong, text);
    wrong.lang = language;
    wrong.hidden = text === "";
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }

  function show({ chosen, step, sum }) {
    const place = placeOf(chosen);
    const before = step?.before ?? (chosen.input === null ? sum.b : sum.terms.find(([i]) => i === chosen.input)?.[1]);
    const text = before === undefined || before === null ? "" : exact(before);
    const moved = !shown || placeOf(shown) !== place;
    if (moved || sent || input.value === shown.text) input.value = text;
    sent = false;
    fail("");
    shown = { ...chosen, text };
    setText(label, t("inside.edit", { place }));
  }

  return { element, show };
}
