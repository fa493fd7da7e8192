// A training that was opened by a link: that it is made again, and when it has arrived.

import { make, setText } from "./elements.js";
import { whole } from "./numbers.js";

/** Make the notice. @param {object} context as for all. */
export function createRestored({ store, t }) {
  const text = make("p", {});
  const close = make("button", { class: "button", type: "button" }, t("notice.close"));
  const element = make("div", { class: "notice", hidden: true });
  element.append(make("div", { role: "status", class: "notice-text" }, text), make("div", { class: "notice-buttons" }, close));
  let [shown, arrived, stood] = [null, false, 0];

  close.addEventListener("click", () => {
    element.hidden = true;
    shown = null;
  });
  store.on(["opened"], ({ opened }) => {
    shown = opened?.restored ? opened : null;
    arrived = false;
    element.hidden = true;
    setText(text, "");
  });
  store.on(["opened", "told"], ({ told }) => {
    if (!shown || !told) return;
    const { update, events } = shown.restored;
    if (arrived) {
      if (told.update !== stood) close.click(); // the training goes on, and so does the person
      return;
    }
    const changes = events > 0 ? ` ${t("restored.changes", { n: events })}` : "";
    element.hidden = false;
    if (told.state === "computing") {
      setText(text, `${t("restored.way", { n: whole(update) })}${changes}`);
      return;
    }
    arrived = true;
    stood = told.update;
    if (told.update === update) setText(text, `${t("restored.done", { n: whole(update) })}${changes}`);
    else setText(text, t("restored.short", { update: whole(told.update), n: whole(update) }));
  });
  return element;
}
