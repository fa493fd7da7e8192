// New trainings: what the message that begins one holds, and when it may be sent without asking.

import { belongs, presentOf } from "./present.js";

/** What an answer to a new training is sent back with. */
export const OPEN = "open";

/**
 * Ask for a new training. Where the present one has made no iteration and was not changed by hand, it begins at once;
 * else it waits in the store, as `proposed`, until a person says yes. What is as it was already is no proposal.
 */
export function propose(store, send, wanted) {
  const state = store.get();
  const before = state.proposed?.runOn || wanted.data || wanted.link ? {} : state.proposed;
  const settings = { ...before?.settings, ...wanted.settings };
  const proposed = differing(state, { ...before, ...wanted, settings });
  const { told } = state;
  if (!state.opened || Object.keys(proposed).length === 0) store.patch({ proposed: null });
  else if (!told || (told.furthest === 0 && told.events.length === 0)) send(opening(state, proposed));
  else store.patch({ proposed });
}

/** What of a proposal is not so already. */
function differing(state, { data, link, settings, ...network }) {
  if (link) return { link };
  const present = state.opened ? presentOf(state) : {};
  const other = data && data !== present.data;
  const now = { ...present.settings, layers: present.layers, hidden: present.hidden };
  const differs = ([name, value]) => other || JSON.stringify(value ?? null) !== JSON.stringify(now[name] ?? null);
  const changes = Object.entries(settings).filter(differs);
  const proposed = Object.fromEntries(Object.entries(network).filter(differs));
  if (other) proposed.data = data;
  if (changes.length > 0) proposed.settings = Object.fromEntries(changes);
  return proposed;
}

/**
 * The message that opens what was proposed. A link says all by itself. With other data, network and settings are that data's own; else all that
 * was not proposed stays as it is now.
 */
export function opening(state, proposed) {
  if (proposed.link) return { type: "open", id: OPEN, link: proposed.link };
  const present = presentOf(state);
  if (proposed.data && proposed.data !== present.data) return { type: "open", id: OPEN, ...proposed };
  const layers = proposed.layers ?? present.layers;
  const message = { type: "open", id: OPEN, data: present.data };
  if (layers) message.layers = layers;
  const hidden = proposed.hidden ?? fitting(present.hidden, layers);
  if (hidden && hidden.length > 0) message.hidden = hidden;
  const settings = settingsOf(state.welcome, present.settings, proposed.settings);
  if (Object.keys(settings).length > 0) message.settings = settings;
  return message;
}

/** One activation where the list of them has not as many as there are layers. */
function fitting(hidden, layers) {
  return Array.isArray(hidden) && hidden.length !== layers?.length ? hidden[0] : hidden;
}

/** All settings as they will be: those that belong to the others, and none as null where that is allowed. */
function settingsOf(welcome, present, proposed = {}) {
  const settings = { ...present, ...proposed };
  if (proposed.epochs) settings.iterations = null;
  const kept = Object.entries(settings).filter(([name, value]) => {
    const fact = welcome.settings.find((one) => one.name === name);
    return fact && belongs(fact, name, settings) && (value !== null || fact.optional);
  });
  return Object.fromEntries(kept);
}
