// New trainings: what the message that begins one holds, and when it may be sent without asking.

import { belongs, hiddenOf, layersOf, valuesOf } from "./settings.js";

/**
 * Ask for a new training. Where the present one has made no iteration and was not changed by hand, it begins at once;
 * else it waits in the store, as `proposed`, until a person says yes.
 */
export function propose(store, send, wanted) {
  const state = store.get();
  const together = { ...state.proposed, ...wanted };
  delete together.runOn;
  if (state.proposed?.settings || wanted.settings) together.settings = { ...state.proposed?.settings, ...wanted.settings };
  if (wanted.data) for (const name of ["layers", "hidden", "settings"]) if (!(name in wanted)) delete together[name];
  const { told } = state;
  if (!told || (told.furthest === 0 && told.events.length === 0)) send(opening(state, together));
  else store.patch({ proposed: together });
}

/**
 * The message that opens what was proposed. With other data, network and settings are that data's own; else all that
 * was not proposed stays as it is now.
 */
export function opening(state, proposed) {
  const { opened, welcome } = state;
  if (!opened || (proposed.data && proposed.data !== opened.data.name)) return { type: "open", id: "open", ...proposed };
  const layers = proposed.layers ?? layersOf(opened);
  const now = hiddenOf(opened);
  const hidden = proposed.hidden ?? (Array.isArray(now) && now.length !== layers.length ? now[0] : now);
  const message = { type: "open", id: "open", data: opened.data.name, layers };
  if (hidden) message.hidden = hidden;
  const settings = { ...valuesOf(state), ...proposed.settings };
  if (proposed.settings?.epochs) settings.iterations = null;
  const kept = Object.entries(settings).filter(([name, value]) => {
    const fact = welcome.settings.find((one) => one.name === name);
    return fact && belongs(fact, name, settings) && (value !== null || fact.optional);
  });
  return { ...message, settings: Object.fromEntries(kept) };
}
