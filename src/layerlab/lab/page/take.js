// The tab "Take away": the Python that makes the training again, files, and a link; and that a link was opened.

import { make, newId, setText } from "./elements.js";
import { GIVEN } from "./header.js";
import { whole } from "./numbers.js";

/** What can be taken away as a file. */
const FILES = ["notebook", "weights", "curves_csv", "curves_svg", "model"];

/** The ids of what is asked for begin so; the tab itself says what is refused of it. */
export const TAKE = "take:";

/** Most lines of code that are shown without scrolling. */
const LINES = 24;

/** @param {HTMLElement} element the tab's panel. @param {object} context as for all. */
export function createTake(element, context) {
  const { store, send, t } = context;
  const until = make("p", { class: "soft" });
  const kept = make("p", { class: "soft", hidden: true }, t("take.monitor"));
  const said = make("p", { class: "take-said", role: "status" });
  const wrong = make("p", { class: "wrong", role: "alert", lang: "en" });
  const code = createCode(context, say);
  const link = createLink(context, say);
  element.append(until, kept, code.element, said, wrong, createFiles(ask, t), link.element);
  let asked = "";

  function say(text) {
    setText(said, text);
    setText(wrong, "");
  }

  function ask(what) {
    say("");
    send({ type: "take", what, id: `${TAKE}${what}` });
  }

  store.on(["connected", "opened", "tab", "told"], ({ connected, opened, tab, told }) => {
    if (!connected) asked = "";
    if (!connected || !opened || !told || tab !== "take") return;
    const moving = told.state !== "ready";
    setText(until, moving ? t("take.moving") : t("take.until", { n: whole(told.update) }));
    kept.hidden = !told.settings?.monitor;
    link.given.hidden = opened.data.name !== GIVEN;
    const state = JSON.stringify([opened.data.name, told.update, told.iterations, told.events, told.settings]);
    if (told.state === "broken" || state === asked || (moving && asked !== "")) return;
    asked = state;
    for (const what of ["python", "link"]) send({ type: "take", what, id: `${TAKE}${what}` });
  });
  store.on(["opened"], ({ opened }) => {
    asked = "";
    say("");
    if (!opened) return;
    code.show("");
    link.show("");
  });
  store.on(["taken"], ({ taken }) => {
    if (!taken || !String(taken.id ?? "").startsWith(TAKE)) return;
    if (taken.what === "python") code.show(taken.text);
    else if (taken.what === "link") link.show(taken.text);
    else {
      download(taken);
      say(t("take.saved", { name: taken.name }));
    }
    store.patch({ taken: null });
  });
  store.on(["refused"], ({ refused }) => {
    const id = String(refused?.id ?? "");
    if (!id.startsWith(TAKE)) return;
    setText(wrong, refused.what);
    if (id === `${TAKE}link`) link.show("");
    store.patch({ refused: null });
  });

  function download({ path, name }) {
    const anchor = make("a", { href: path, download: name, hidden: true });
    element.append(anchor);
    anchor.click();
    anchor.remove();
  }
}

/** The code, and a button that copies it. */
function createCode({ t }, say) {
  const id = newId();
  const text = make("textarea", {
    class: "take-code",
    id,
    readonly: true,
    rows: 12,
    spellcheck: "false",
    lang: "en",
  });
  const copy = make("button", { class: "button", type: "button", "aria-label": t("take.copy.python") }, t("take.copy"));
  copy.addEventListener("click", () => copied(text, t, say));
  const label = make("h3", {}, make("label", { for: id }, t("take.python")));
  return {
    element: make("div", { class: "take-part" }, make("div", { class: "take-head" }, label, copy), text),
    show(code) {
      if (text.value === code) return;
      text.value = code;
      text.rows = Math.max(6, Math.min(LINES, code.split("\n").length));
    },
  };
}

/** A button for each file, with what is in it. */
function createFiles(ask, t) {
  const rows = FILES.map((what) => {
    const id = newId();
    const button = make("button", { class: "button", type: "button", "aria-describedby": id }, t(`take.${what}`));
    button.addEventListener("click", () => ask(what));
    return make("li", {}, button, make("p", { class: "soft", id }, t(`take.${what}.about`)));
  });
  return make("div", { class: "take-part" }, make("h3", {}, t("take.files")), make("ul", { class: "take-files" }, ...rows));
}

/** The address that makes the training again, and a button that copies it. */
function createLink({ t }, say) {
  const [id, aboutId] = [newId(), newId()];
  const field = make("input", {
    class: "take-address",
    id,
    readonly: true,
    type: "text",
    spellcheck: "false",
    "aria-describedby": aboutId,
  });
  const copy = make("button", { class: "button", type: "button", "aria-label": t("take.copy.link") }, t("take.copy"));
  copy.addEventListener("click", () => copied(field, t, say));
  const given = make("p", { class: "soft", hidden: true }, t("take.link.given"));
  const label = make("h3", {}, make("label", { for: id }, t("take.link")));
  const about = make("p", { class: "soft", id: aboutId }, t("take.link.about"));
  return {
    element: make("div", { class: "take-part" }, make("div", { class: "take-head" }, label, copy), field, about, given),
    given,
    show(link) {
      const address = new URL(document.baseURI);
      address.search = "";
      address.hash = "";
      field.value = link === "" ? "" : `${address}#${link}`;
      copy.disabled = link === "";
    },
  };
}

/** Copy what a field holds, and say so; where the browser does not allow it, select it. */
async function copied(field, t, say) {
  try {
    await navigator.clipboard.writeText(field.value);
    say(t("take.copied"));
  } catch {
    field.focus();
    field.select();
    say(t("take.selected"));
  }
}

/** The notice that a link's training is made again, and that it has arrived. */
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
