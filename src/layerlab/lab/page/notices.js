// What the page has to say or to ask, at its lower edge: a new training that waits for a yes, a refusal, an error.

import { make, setText } from "./elements.js";
import { GIVEN } from "./header.js";
import { opening } from "./opening.js";
import { whole } from "./numbers.js";
import { createRestored, TAKE } from "./take.js";

/** @param {HTMLElement} element where they stand. @param {object} context as for all. */
export function createNotices(element, context) {
  const { keys, signal, store } = context;
  const question = createQuestion(context);
  element.append(createRestored(context), question.element, createRefusal(context), createAway(context));
  keys.addEventListener("keyup", () => question.typed(false), { signal });
  keys.addEventListener(
    "keydown",
    (event) => {
      question.typed(event.key === "Enter");
      if (!store.get().proposed || event.defaultPrevented) return;
      if (event.key === "Escape") store.patch({ proposed: null });
      else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) question.accept();
    },
    { signal },
  );
}

/** Ask before a training is lost to a new one, or prolonged. */
function createQuestion({ store, send, t }) {
  const text = make("p", {});
  const yes = make("button", { class: "button first", type: "button" });
  const no = make("button", { class: "button", type: "button" });
  const buttons = make("div", { class: "notice-buttons" }, yes, no);
  const element = make("div", { class: "notice", role: "group", "aria-label": t("notice.question"), hidden: true });
  const said = make("div", { role: "status", class: "notice-text" }, text);
  let [entered, asker] = [false, null]; // whether Enter is down, and where the question came from
  element.append(said, buttons);

  function accept() {
    const state = store.get();
    const { proposed, told } = state;
    if (!proposed) return;
    if (proposed.runOn) {
      send({ type: "prolong", iterations: proposed.runOn - told.iterations });
      if (proposed.play) send({ type: "play" });
    } else send(opening(state, proposed));
    store.patch({ proposed: null });
  }

  yes.addEventListener("click", accept);
  no.addEventListener("click", () => store.patch({ proposed: null }));
  store.on(["proposed", "told"], (state) => {
    const { proposed } = state;
    if (!proposed) {
      if (element.contains(focused())) asker?.focus();
      element.hidden = true;
      setText(text, "");
      return;
    }
    if (element.hidden) asker = focused();
    element.hidden = false;
    const words = proposed.runOn ? runOnWords(state, t) : openWords(state, t);
    setText(text, words.text);
    setText(yes, words.yes);
    setText(no, words.no);
    if (entered && !element.contains(focused())) yes.focus(); // a field that was left with Enter is done
  });
  return {
    element,
    accept,
    typed(enter) {
      entered = enter;
    },
  };

  function focused() {
    return element.getRootNode().activeElement;
  }
}

function runOnWords({ proposed, told }, t) {
  const schedule = told.settings?.schedule ?? "constant";
  const made = proposed.play ? [t("notice.all_made", { n: whole(told.iterations) })] : [];
  const again = schedule === "constant" ? [] : [t("notice.schedule", { schedule })];
  return {
    text: [...made, ...again].join(" "),
    yes: t("notice.run_on", { n: whole(proposed.runOn) }),
    no: t("notice.close"),
  };
}

function openWords({ proposed, told, welcome }, t) {
  const { data, layers, hidden, link, settings } = proposed;
  const named = (name, value) => `${t(`setting.${name}.name`)} ${value ?? t("none")}`;
  const changes = Object.entries(settings ?? {}).map(([name, value]) => named(name, value));
  if (hidden) changes.unshift(named("hidden", hidden));
  if (layers) changes.unshift(named("layers", layers.length > 0 ? layers.join(", ") : null));
  if (link) changes.push(t("notice.link"));
  if (data) changes.unshift(`${t("data")} ${data === GIVEN ? welcome.given : data}`);
  const lost = told.furthest > 0 ? t("notice.lost", { n: whole(told.furthest) }) : "";
  return {
    text: `${t("notice.new", { changes: changes.join("; ") })} ${lost}`,
    yes: t("notice.begin"),
    no: t("notice.keep"),
  };
}

/** Say what the lab refused, or that something broke. */
function createRefusal({ store, send, t }) {
  const text = make("p", {});
  const close = make("button", { class: "button", type: "button" }, t("notice.close"));
  const anew = make("button", { class: "button first", type: "button" }, t("notice.anew"));
  const element = make("div", { class: "notice refusal", hidden: true });
  const said = make("div", { role: "alert", class: "notice-text" }, text);
  element.append(said, make("div", { class: "notice-buttons" }, anew, close));
  close.addEventListener("click", () => store.patch({ refused: null }));
  anew.addEventListener("click", () => {
    send(opening(store.get(), {}));
    store.patch({ refused: null });
  });
  store.on(["refused", "told"], ({ refused, told }) => {
    const broken = told?.state === "broken" || Boolean(refused?.broke);
    const inField = ["setting:", TAKE].some((id) => String(refused?.id ?? "").startsWith(id));
    element.hidden = !broken && (!refused || inField);
    anew.hidden = !broken;
    if (element.hidden) setText(text, "");
    else if (broken) setText(text, t("notice.broke", { number: refused?.number ?? "" }));
    else setText(text, refused.what);
    text.lang = broken ? t("language") : (refused?.language ?? "en");
  });
  return element;
}

/** Say why there is no connection, once it has been away for more than a moment. */
function createAway({ store, t }) {
  const text = make("p", {});
  const element = make("div", { class: "notice refusal", hidden: true });
  element.append(make("div", { role: "alert", class: "notice-text" }, text));
  store.on(["away"], ({ away }) => {
    element.hidden = away === "";
    setText(text, away === "" ? "" : t(`away.${away}`));
  });
  return element;
}
