// The state of the page: one object, and who wants to know when a part of it changes.

/** What the page knows before anything has come. */
const START = {
  connected: false, // whether the socket is open
  away: "", // why it is not, after a while: "gone" | "door" | "full"
  welcome: null, // the messages of these names, as they came last
  opened: null,
  told: null,
  activity: "", // told.state, but for a computation that is over in a moment
  frame: null, // {head, arrays: {name: {shape, dtype, data}}}
  inside: null,
  taken: null,
  refused: null, // {what, id?, language?}: the last refusal, until it is dismissed
  lens: "maps", // "maps" | "numbers" | "gradients" | "steps"
  pictures: "learned", // "learned" | "weights"
  selection: { layer: 1, unit: 1, input: 1, example: 0 }, // layer, unit and input from 1 (input null: the bias)
  stage: 1, // of Inside: 1 Forward … 4 Update
  tab: "says", // "says" | "inside" | "take"
  shortcuts: true, // whether keys of the keyboard are shortcuts
  opening: null, // the message of a new training that is on its way
  until: 0, // where playing stops, if that is before the last iteration
  proposed: null, // {data?, layers?, hidden?, settings?}, {link} or {runOn, play?}: what waits for a yes
  language: "en",
  scheme: "light", // what is shown, "light" or "dark"
};

/**
 * Make a store.
 *
 * `get()` returns the state, which nobody changes in place. `patch(changes)` gives some keys new values.
 * `on(keys, f)` calls f(state) at once, and after each patch that changed one of the keys; it returns a function that
 * ends this.
 */
export function createStore() {
  let state = { ...START };
  const listeners = new Set();
  return {
    get: () => state,
    patch(changes) {
      const changed = Object.keys(changes).filter((key) => !Object.is(state[key], changes[key]));
      if (changed.length === 0) return;
      state = { ...state, ...changes };
      for (const { keys, f } of [...listeners]) {
        if (keys.some((key) => changed.includes(key))) f(state);
      }
    },
    on(keys, f) {
      const listener = { keys, f };
      listeners.add(listener);
      f(state);
      return () => listeners.delete(listener);
    },
  };
}

/** The same store, whose listeners end with a signal. */
export function storeUntil(store, signal) {
  return {
    get: store.get,
    patch: store.patch,
    on(keys, f) {
      const end = store.on(keys, f);
      signal.addEventListener("abort", end);
      return end;
    },
  };
}
