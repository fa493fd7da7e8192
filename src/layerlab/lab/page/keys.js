// Shortcuts on the keyboard, which never take a key from what is being typed or pressed.

/** What each key does: the name of its text, and the control that it presses. */
export const SHORTCUTS = [
  { key: " ", name: "play", shown: "key.space" },
  { key: ".", name: "step", shown: "key.dot" },
  { key: "Home", name: "rewind", shown: "key.home" },
];

/** Elements that need these keys themselves. */
const TYPING = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]";
const PRESSED = "button, summary, a[href], input:not([type=range])";
const MOVED = "input[type=range], [role=tab]";

/**
 * @param {object} context as for all; `context.keys` is where they are listened for.
 * @param {function(string): void} press does what a name of `SHORTCUTS` says.
 */
export function createKeys({ keys, store, signal }, press) {
  keys.addEventListener(
    "keydown",
    (event) => {
      const shortcut = SHORTCUTS.find(({ key }) => key === event.key);
      if (!shortcut || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.composedPath()[0];
      if (!store.get().shortcuts || !(target instanceof Element)) return;
      if (target.matches(TYPING) || (event.key === " " && target.matches(PRESSED))) return;
      if (event.key === "Home" && target.matches(MOVED)) return;
      if (event.repeat && shortcut.name !== "step") return;
      event.preventDefault();
      press(shortcut.name);
    },
    { signal },
  );
}
