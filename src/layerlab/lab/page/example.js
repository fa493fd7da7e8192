// The choice of a training example, by its number.

import { make, newId, setText } from "./elements.js";
import { whole } from "./numbers.js";

/** @param {HTMLElement} place where it goes. @param {object} context as for all. */
export function createExampleChoice(place, { store, t }) {
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
