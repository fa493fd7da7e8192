// One setting: its name, a control with its value, and the sentence that says what it means.

import { make, newId, setText } from "./elements.js";

/**
 * Make the field of a setting.
 *
 * @param {object} facts {name, kind: "int" | "float" | "str" | "sizes", choices, optional}, as `welcome.settings` has.
 * @param {object} texts {label, sentence, usual, problem}: `usual` is the choice of none, `problem` takes a value and
 *   says what is wanted in its place, or "".
 * @param {function(any): void} commit takes a new value; null where the field was emptied.
 * @returns {{element: HTMLElement, show: function(any): void, fail: function(string, string): void}} `show` puts a
 *   value in, unless it is being typed; `fail` says what is wrong with the value, in a language.
 */
export function createField(facts, texts, commit) {
  const [id, aboutId, wrongId] = [newId(), newId(), newId()];
  const control = facts.choices.length > 0 ? choiceOf(facts, texts) : make("input", inputOf(facts));
  control.id = id;
  control.setAttribute("aria-describedby", `${aboutId} ${wrongId}`);
  const wrong = make("p", { class: "wrong", id: wrongId, hidden: true });
  const about = make("p", { class: "soft", id: aboutId }, unbroken(texts.sentence));
  const row = make("div", { class: isWide(facts, texts) ? "setting-row wide" : "setting-row" }, make("label", { for: id }, texts.label), control);
  const element = make("div", { class: "setting", "data-name": facts.name }, row, about, wrong);
  let shown = "";

  function fail(text, language) {
    setText(wrong, text);
    wrong.lang = language;
    wrong.hidden = text === "";
    if (text === "") control.removeAttribute("aria-invalid");
    else control.setAttribute("aria-invalid", "true");
  }

  control.addEventListener("change", () => {
    const value = valueOf(facts, control.value);
    const problem = texts.problem(value);
    if (problem) fail(problem, "");
    else {
      fail("", "");
      control.value = textOf(value);
      commit(value);
    }
  });
  control.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || control.value === shown) return;
    event.preventDefault();
    control.value = shown;
    fail("", "");
  });

  return {
    element,
    control,
    fail,
    show(value) {
      const text = textOf(value);
      const typing = control === control.getRootNode().activeElement && facts.choices.length === 0;
      if (text === shown && control.value === text) return;
      if (!typing || control.value === shown) {
        control.value = text;
        fail("", "");
      }
      shown = text;
    },
  };
}

/** Whether the words for none are too long for a field beside its name. */
function isWide({ choices, optional }, { usual }) {
  return optional && choices.length > 0 && usual.replace(/[가-힣]/g, "xx").length > 8;
}

/** A sentence whose formulas stay on one line. */
function unbroken(sentence) {
  return sentence.replace(/ ([←−/]) /g, "\u00a0$1\u00a0");
}

function inputOf(facts) {
  return {
    type: "text",
    inputmode: facts.kind === "float" ? "decimal" : facts.kind === "int" ? "numeric" : "text",
    autocomplete: "off",
    spellcheck: "false",
  };
}

function choiceOf(facts, texts) {
  const none = facts.optional ? [make("option", { value: "" }, texts.usual)] : [];
  return make("select", {}, ...none, ...facts.choices.map((one) => make("option", { value: one }, one)));
}

/** The value that a text means: null for none, undefined where it means nothing. */
function valueOf(facts, text) {
  const typed = text.trim().replace("−", "-");
  if (facts.kind === "sizes") return sizesOf(typed);
  if (typed === "") return null;
  if (facts.kind === "str") return typed;
  const plain = facts.kind === "int" ? typed.replace(/(?<=\d)[,\s](?=\d{3}\b)/g, "") : typed;
  const number = Number(plain);
  if (!Number.isFinite(number) || (facts.kind === "int" && !Number.isInteger(number))) return undefined;
  return number;
}

function sizesOf(text) {
  if (/(^|[\s,;])-/.test(text)) return undefined;
  const sizes = text.split(/[\s,;-]+/).filter(Boolean).map(Number);
  return sizes.every((n) => Number.isInteger(n) && n > 0) ? sizes : undefined;
}

function textOf(value) {
  if (value === null || value === undefined) return "";
  return Array.isArray(value) ? value.join(", ") : String(value);
}
