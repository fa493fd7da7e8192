// What seems to be wrong with the training, and what to try: as layerlab found it, once the training rests.

import { make } from "./elements.js";

/** @param {HTMLElement} element the region. @param {object} context as for all. */
export function createFindings(element, context) {
  let shown = "";
  context.store.on(["told"], ({ told }) => {
    const findings = told?.state === "playing" ? null : told?.findings;
    const key = JSON.stringify(findings ?? []);
    if (key === shown) return;
    shown = key;
    element.hidden = !findings?.length;
    element.replaceChildren(...(findings ?? []).map((finding) => advice(finding, context)));
  });
}

function advice(finding, context) {
  const { store, t } = context;
  const inEnglish = store.get().language === "en";
  const [what, cause, remedy] = wordsOf(finding, t).map((text) => make("p", { lang: "en" }, text));
  const title = make("h2", {}, t(`finding.${finding.kind}`));
  const own = inEnglish ? [cause, remedy] : translated(finding, t);
  const more = inEnglish ? [what] : [what, cause, remedy];
  const rest = make("details", {}, make("summary", {}, t("finding.original")), ...more);
  return make("div", { class: "advice" }, title, ...own, ...apply(finding, context), rest);
}

/** What layerlab says of it, in its own three sentences. */
function wordsOf({ what, cause, remedy }, t) {
  const capital = `${what.slice(0, 1).toUpperCase()}${what.slice(1)}.`;
  return [capital, t("finding.cause", { cause }), t("finding.try", { remedy })];
}

/** The same by its kind and its changes, in another language. */
function translated({ kind, changes }, t) {
  const named = (name) => (name === "standardize" ? t("finding.standardize") : t(`setting.${name}.name`));
  const value = (name) => (name === "standardize" ? "" : ` ${changes[name] ?? t("none")}`);
  const tries = Object.keys(changes ?? {}).map((name) => `${named(name)}${value(name)}`);
  const said = [make("p", {}, t(`finding.${kind}.why`))];
  if (tries.length > 0) said.push(make("p", {}, t("finding.tries", { changes: tries.join(", ") })));
  return said;
}

/** A button that begins a training with the changes, where the page can make all of them. */
function apply({ changes }, { propose, t, has }) {
  const names = Object.keys(changes ?? {});
  if (names.length === 0 || !names.every((name) => has(`setting.${name}`))) return [];
  const button = make("button", { class: "button", type: "button" }, t("finding.apply"));
  button.addEventListener("click", () => propose({ settings: changes }));
  return [button];
}
