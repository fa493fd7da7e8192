// Every setting with its sentence. A live one is changed from the next iteration on; another needs a new training.

import { createAbout, createDataFacts } from "./about.js";
import { make, newId } from "./elements.js";
import { createField } from "./fields.js";
import { belongs, opensOtherData, presentOf } from "./present.js";
import { problemOf } from "./ranges.js";

/** The settings in their groups; the first two are always open. Iterations stand in the header, as "Run to". */
const GROUPS = {
  training: [
    "learning_rate",
    ...["optimizer", "momentum", "beta1", "beta2", "epsilon", "weight_decay"],
    ...["batch_size", "batch_seed"],
  ],
  network: ["layers", "hidden", "initializer", "seed"],
  regularisation: ["l2", "dropout", "dropout_seed", "clip_norm", "label_smoothing", "class_weight"],
  schedule: ["schedule", "decay", "interval", "drop", "warmup", "cycles", "plateau", "least_progress"],
  length: ["epochs", "monitor", "patience", "min_delta"],
  engine: ["engine", "basis", "dtype"],
};

const OPEN = ["training", "network"];

/** What an answer that refuses a setting is sent back with. */
const ID = "setting:";

/** @param {HTMLElement} element the region. @param {object} context as for all. */
export function createSettings(element, context) {
  const { store, t } = context;
  const place = make("div", { class: "groups" });
  element.append(createDataFacts(context), place);
  createAbout(element, context);
  let fields = {};
  let facts = [];
  let shown = "";
  store.on(["welcome"], ({ welcome }) => {
    if (!welcome || facts === welcome.settings) return;
    facts = welcome.settings;
    fields = fieldsOf([...facts, ...networkFacts(welcome)], context);
    const groups = Object.entries(GROUPS);
    place.replaceChildren(...groups.map(([name, names]) => group(t(`group.${name}`), names, fields, OPEN.includes(name))));
    showAll(store.get());
  });
  store.on(["opened", "told", "proposed", "opening"], showAll);
  store.on(["refused"], ({ refused }) => {
    const id = String(refused?.id ?? "");
    if (id.startsWith(ID)) fields[id.slice(ID.length)]?.fail(refused.what, "en");
  });

  function showAll(state) {
    if (!state.opened || facts.length === 0 || opensOtherData(state)) return;
    const { settings, ...network } = presentOf(state);
    const { settings: wanted, ...others } = state.proposed ?? {};
    const values = { ...settings, ...network, ...wanted, ...others };
    const key = JSON.stringify(values);
    if (key === shown) return;
    shown = key;
    for (const [name, field] of Object.entries(fields)) {
      field.show(values[name]);
      field.element.hidden = !belongs(facts.find((one) => one.name === name), name, values);
    }
  }
}

/** The hidden layers, which are no setting of `train`, as facts like those of the settings. */
function networkFacts(welcome) {
  const shared = { optional: false, live: false };
  const activations = welcome.activations ?? ["tanh", "relu", "sigmoid", "identity"];
  return [
    { ...shared, name: "layers", kind: "sizes", choices: [] },
    { ...shared, name: "hidden", kind: "str", choices: activations },
  ];
}

function fieldsOf(all, context) {
  const fields = {};
  for (const facts of all) fields[facts.name] = createField(facts, textsOf(facts, context), commitOf(facts, context));
  return fields;
}

function textsOf(facts, { t, has, store }) {
  const { name } = facts;
  const usual = usualOf(name, { t, has });
  const empty = facts.optional && facts.choices.length === 0 && usual !== t("none");
  return {
    label: t(`setting.${name}.name`),
    sentence: empty ? t("setting.empty", { sentence: t(`setting.${name}`), usual }) : t(`setting.${name}`),
    usual,
    problem: (value) => problemOf(facts, value, store.get(), t),
  };
}

/** What an empty field means: in the lab, if `train` means more by it. */
function usualOf(name, { t, has }) {
  if (has(`setting.${name}.usual.lab`)) return t(`setting.${name}.usual.lab`);
  return has(`setting.${name}.usual`) ? t(`setting.${name}.usual`) : t("none");
}

function commitOf({ name, live }, { send, propose, store }) {
  if (name === "layers" || name === "hidden") return (value) => propose({ [name]: value });
  return (value) => {
    const { told } = store.get();
    const fresh = !told || (told.furthest === 0 && told.events.length === 0);
    if (live && !fresh) send({ type: "change", id: `${ID}${name}`, settings: { [name]: value } });
    else propose({ settings: { [name]: value } });
  };
}

function group(title, names, fields, open) {
  const present = names.filter((name) => fields[name]).map((name) => fields[name].element);
  if (open) {
    const id = newId();
    return make("div", { class: "group", role: "group", "aria-labelledby": id }, make("h3", { id }, title), ...present);
  }
  return make("details", { class: "group" }, make("summary", {}, title), ...present);
}
