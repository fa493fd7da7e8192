// The header: rewind, play, one iteration, speed, run to, data set; and the figures.

import { icon, make, newId, setText } from "./elements.js";
import { four, percent, whole } from "./numbers.js";

/** Updates a second that can be chosen; null is as many as can be made. */
const SPEEDS = [null, 1000, 100, 30, 10, 3, 1];

/** Milliseconds that a computation takes before the page shows it. */
const MOMENT = 250;

/** The protocol's name of the data that the command line named. */
export const GIVEN = "given";

/**
 * @param {HTMLElement} element the header.
 * @param {object} context as for all.
 * @returns {function(string): void} does what a shortcut means: "play", "step" or "rewind".
 */
export function createHeader(element, context) {
  const { t, send } = context;
  const actions = {
    rewind: () => send({ type: "seek", update: 0 }),
    step: () => send({ type: "step", n: 1 }),
    play: () => playOrPause(context),
  };
  const name = make("span", { class: "brand-name" }, "layerlab");
  const brand = make("h1", { class: "brand" }, name, " ", make("span", { class: "brand-lab" }, t("brand.lab")));
  const line = make("p", { class: "state-line" });
  const runs = make("div", { class: "fields" }, speedField(context), runToField(context), dataField(context));
  followActivity(context);
  element.append(brand, transportOf(context, actions), runs, line, figures(context));
  showState(line, context);
  return (name) => actions[name]();
}

/** Keep `activity` at what happens; a computation that is over in a moment shows nothing. */
function followActivity({ store, signal }) {
  let timer = 0;
  const end = () => clearTimeout(timer);
  signal.addEventListener("abort", end);
  store.on(["told"], ({ told }) => {
    end();
    const activity = told?.state ?? "";
    if (activity === "computing") timer = setTimeout(() => store.patch({ activity }), MOMENT);
    else store.patch({ activity });
  });
}

/** The three buttons; the shortcuts press them, too. */
function transportOf(context, actions) {
  const { store, t } = context;
  const rewind = iconButton("rewind", t("rewind"));
  const step = iconButton("step", t("step"));
  const word = make("span", { class: "play-word" });
  const play = make("button", { class: "play", type: "button" }, icon("play"), word);
  let shown = "";
  rewind.addEventListener("click", actions.rewind);
  step.addEventListener("click", actions.step);
  play.addEventListener("click", actions.play);
  store.on(["activity", "connected", "opened"], ({ activity, connected, opened }) => {
    const ready = connected && activity !== "" && Boolean(opened);
    const now = ready && isBusy(activity) ? "pause" : "play";
    for (const button of [rewind, step, play]) button.disabled = !ready;
    if (now !== shown) {
      play.replaceChild(icon(now), play.firstChild);
      setText(word, t(now));
      shown = now;
    }
  });
  return make("div", { class: "transport", role: "group", "aria-label": t("transport") }, rewind, play, step);
}

function isBusy(activity) {
  return activity === "playing" || activity === "computing";
}

function iconButton(name, label) {
  return make("button", { class: "icon-button", type: "button", "aria-label": label, title: label }, icon(name));
}

/** Pause what runs; else play to the chosen iteration, or ask whether to run on where all of them are made. */
function playOrPause({ store, send }) {
  const { activity, told, opened, until } = store.get();
  if (!told || !opened) return;
  if (isBusy(activity)) send({ type: "pause" });
  else if (told.update >= told.iterations) {
    store.patch({ proposed: { runOn: told.iterations + opened.settings.iterations, play: true } });
  } else if (until > told.update && until < told.iterations) send({ type: "play", until });
  else send({ type: "play" });
}

function field(label, control) {
  const id = newId();
  control.id = id;
  return make("div", { class: "field" }, make("label", { for: id }, label), control);
}

function speedField({ store, send, t }) {
  const words = (n) => (n === null ? t("speed.full") : t("speed.n", { n: whole(n) }));
  const options = SPEEDS.map((n) => make("option", { value: n ?? "" }, words(n)));
  const select = make("select", {}, ...options);
  select.addEventListener("change", () => {
    send({ type: "speed", per_second: select.value === "" ? null : Number(select.value) });
  });
  store.on(["told"], ({ told }) => {
    if (told && SPEEDS.includes(told.speed)) select.value = told.speed ?? "";
  });
  return field(t("speed"), select);
}

/** The id of a refusal by the field of the last iteration. */
const RUN_TO = "run_to";

/** The last iteration: a later one prolongs the training, an earlier one is where playing stops. */
function runToField({ store, send, t }) {
  const input = make("input", { type: "text", inputmode: "numeric", autocomplete: "off", class: "run-to" });
  input.title = t("setting.iterations");
  let shown = "";
  input.addEventListener("change", () => {
    const { told, welcome, refused } = store.get();
    const n = Number(input.value.replaceAll(/[,\s]/g, ""));
    if (!told) return;
    const most = welcome.limits.iterations;
    if (refused?.id === RUN_TO) store.patch({ refused: null });
    if (!Number.isInteger(n) || n <= told.update || n > most) {
      const what = runToWanted(told.update, most, t);
      store.patch({ refused: { id: RUN_TO, what, language: t("language") } });
    } else if (n > told.iterations) {
      store.patch({ until: 0 });
      const isConstant = (told.settings?.schedule ?? "constant") === "constant";
      if (isConstant) send({ type: "prolong", iterations: n - told.iterations });
      else store.patch({ proposed: { runOn: n } });
    } else store.patch({ until: n });
    shown = input.value;
    show(store.get());
  });

  function show({ told, until }) {
    if (!told) return;
    const n = until > told.update ? Math.min(until, told.iterations) : told.iterations;
    const typing = input === input.getRootNode().activeElement && input.value !== shown;
    shown = whole(n);
    if (!typing) input.value = shown;
  }

  store.on(["told", "until"], show);
  return field(t("run_to"), input);
}

/** What the field of the last iteration wants. */
function runToWanted(made, most, t) {
  if (made >= most) return t("run_to.full", { most: whole(most) });
  return `${t("run_to.wanted", { n: whole(made) })} ${t("run_to.most", { most: whole(most) })}`;
}

function dataField({ store, propose, t }) {
  const select = make("select", { class: "data-choice" });
  let listed = null;
  store.on(["welcome", "opened", "opening", "proposed"], ({ welcome, opened, opening, proposed }) => {
    if (welcome && welcome !== listed) {
      listed = welcome;
      select.replaceChildren(...dataOptions(welcome, t));
    }
    if (opened) select.value = proposed?.data ?? opening?.data ?? opened.data.name;
  });
  select.addEventListener("change", () => propose({ data: select.value }));
  return field(t("data"), select);
}

function dataOptions({ datasets, given }, t) {
  const own = given ? [make("option", { value: GIVEN }, given)] : [];
  const included = datasets.map(({ name, about, at_hand: here = true }) => {
    const text = here ? name : t("data.absent", { name });
    return make("option", { value: name, title: about, disabled: !here }, text);
  });
  return [...own, ...included];
}

/** Iteration, cost and the validation figures: a term and its value each. */
function figures({ store, t }) {
  const list = make("dl", { class: "figures" });
  const values = {};
  for (const name of ["iteration", "cost", "validation_cost", "validation_accuracy"]) {
    const id = newId();
    values[name] = make("dd", { "aria-labelledby": id }, "–");
    list.append(make("div", { class: `figure ${name}` }, make("dt", { id }, t(name)), values[name]));
  }
  const show = ({ update, cost, validation_cost, validation_accuracy }) => {
    setText(values.iteration, whole(update));
    setText(values.cost, four(cost));
    setText(values.validation_cost, four(validation_cost));
    setText(values.validation_accuracy, percent(validation_accuracy));
  };
  store.on(["told"], ({ told }) => told && show(told));
  store.on(["frame"], ({ frame, told }) => {
    const late = told?.state === "ready" && frame?.head.update !== told.update;
    if (frame && "cost" in frame.head && !late) show(frame.head);
  });
  return list;
}

/** One line on what happens now. */
function showState(element, { store, t }) {
  store.on(["activity", "told", "connected", "opened"], (state) => {
    const { text, language } = stateWords(state, t);
    setText(element, text);
    if (language) element.lang = language;
    else element.removeAttribute("lang");
    element.title = text;
  });
}

function stateWords({ activity, told, connected, opened, opening }, t) {
  if (!connected) return { text: t("state.away") };
  if (!told || !opened || (opening && activity === "computing")) return { text: t("state.opening") };
  if (activity === "playing") {
    const speed = told.per_second;
    if (speed === null) return { text: t("state.started") };
    return { text: t("state.playing", { n: speed < 10 ? speed.toPrecision(2) : whole(Math.round(speed)) }) };
  }
  if (activity === "ready" && told.update >= told.iterations) return { text: t("state.done") };
  if (activity === "ready" && told.ended) return { text: told.ended, language: "en" };
  return { text: t(activity === "ready" && told.update === 0 ? "state.begin" : `state.${activity}`) };
}
