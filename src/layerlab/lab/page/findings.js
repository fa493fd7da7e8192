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

function advice({ kind, what, cause, remedy, changes }, { store, propose, t, has }) {
  const element = make("div", { class: "advice" }, make("h2", {}, t(`finding.${kind}`)));
  const sentences = [sentence(what), t("finding.cause", { cause }), t("finding.try", { remedy })];
  const said = sentences.map((text) => make("p", { lang: "en" }, text));
  const names = Object.keys(changes ?? {});
  if (store.get().language === "en") element.append(...said);
  else {
    element.append(make("p", {}, t(`finding.${kind}.why`)));
    const tries = names.map((name) => `${t(`setting.${name}.name`)} ${changes[name] ?? t("none")}`);
    if (tries.length > 0) element.append(make("p", {}, t("finding.tries", { changes: tries.join(", ") })));
    element.append(make("details", {}, make("summary", {}, t("finding.original")), ...said));
  }
  if (names.length > 0 && names.every((name) => name !== "standardize" && has(`setting.${name}`))) {
    const apply = make("button", { class: "button", type: "button" }, t("finding.apply"));
    apply.addEventListener("click", () => propose({ settings: changes }));
    element.append(apply);
  }
  return element;
}

function sentence(text) {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
