// What the settings are about: the data, the plan, what was changed by hand; and the page itself.

import { make, newId, setText } from "./elements.js";
import { SHORTCUTS } from "./keys.js";
import { whole } from "./numbers.js";
import { LANGUAGES } from "./words.js";

const SCHEMES = ["auto", "light", "dark"];

/** @param {HTMLElement} element the region of the settings. @param {object} context as for all. */
export function createAbout(element, context) {
  element.append(notices(context), changesByHand(context), planOf(context), pageChoices(context));
}

/** The sentences about the data that everybody should have read: how many examples, and what is measured on which. */
export function createDataFacts({ store, t }) {
  const said = make("p", { class: "soft facts" });
  store.on(["opened"], ({ opened }) => {
    if (!opened) return;
    const { title, name, train, test, validation } = opened.data;
    const examples = t("about.examples", { title: title ?? name, train: whole(train), test: whole(test) });
    setText(said, validation ? `${examples} ${t(`about.measured.${validation.what}`)}` : examples);
  });
  return said;
}

/** What layerlab says of the data. */
function notices({ store, t }) {
  const list = make("ul", { class: "plain-list", lang: "en" });
  store.on(["opened"], ({ opened }) => {
    if (!opened) return;
    const lines = [opened.data.about, ...opened.data.notices].filter(Boolean);
    list.replaceChildren(...lines.map((line) => make("li", {}, line)));
  });
  return details(t("about.data"), list);
}

function changesByHand({ store, t }) {
  const list = make("ol", { class: "plain-list", lang: "en" });
  const summary = make("summary", {});
  const element = make("details", { class: "group", hidden: true }, summary, list);
  let shown = "";
  store.on(["told"], ({ told }) => {
    const events = told?.events ?? [];
    const key = JSON.stringify(events);
    if (key === shown) return;
    shown = key;
    element.hidden = events.length === 0;
    setText(summary, t("about.changes", { n: events.length }));
    list.replaceChildren(...events.map(({ sentence }) => make("li", {}, sentence)));
  });
  return element;
}

function planOf({ store, t }) {
  const plan = make("p", { class: "plan", lang: "en" });
  store.on(["opened", "told"], ({ opened, told }) => setText(plan, told?.plan ?? opened?.plan ?? ""));
  return details(t("about.plan"), plan);
}

/** The language, light or dark, and the keys of the keyboard. */
function pageChoices({ store, t, chooseLanguage, languageAsked, chooseScheme, chosenScheme }) {
  const languages = Object.entries(LANGUAGES).map(([code, name]) => make("option", { value: code, lang: code }, name));
  const language = choice(t("page.language"), languages, store.get().language, chooseLanguage);
  const schemes = SCHEMES.map((one) => make("option", { value: one }, t(`page.scheme.${one}`)));
  const scheme = choice(t("page.scheme"), schemes, chosenScheme(), chooseScheme);
  const id = newId();
  const keys = make("input", { type: "checkbox", id });
  keys.addEventListener("change", () => store.patch({ shortcuts: keys.checked }));
  store.on(["shortcuts"], ({ shortcuts }) => {
    keys.checked = shortcuts;
  });
  const switched = make("div", { class: "check" }, keys, make("label", { for: id }, t("page.shortcuts")));
  const element = details(t("about.page"), language, scheme, switched, keyList(t));
  element.open = languageAsked;
  if (languageAsked) queueMicrotask(() => language.querySelector("select").focus());
  return element;
}

function keyList(t) {
  const list = make("dl", { class: "keys" });
  const rows = SHORTCUTS.map(({ shown, name }) => [t(shown), t(`key.does.${name}`)]);
  rows.push([t("key.arrows"), t("key.does.arrows")], [t("key.escape"), t("key.does.escape")]);
  for (const [key, does] of rows) {
    list.append(make("div", {}, make("dt", {}, make("kbd", {}, key)), make("dd", {}, does)));
  }
  return list;
}

function choice(label, options, value, choose) {
  const id = newId();
  const select = make("select", { id }, ...options);
  select.value = value;
  select.addEventListener("change", () => choose(select.value));
  return make("div", { class: "setting-row" }, make("label", { for: id }, label), select);
}

function details(title, ...children) {
  return make("details", { class: "group" }, make("summary", {}, title), ...children);
}
