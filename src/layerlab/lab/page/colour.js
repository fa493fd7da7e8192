// Colours: orange for negative, blue for positive, and what lies between; classes also have marks of their own.
//
// The style sheet has the colours. With forced colours (Windows' high contrast), the ground and the ink are the system's.

const NAMES = ["surface", "raised", "line", "line-strong", "ink", "ink-soft", "accent", "negative", "neutral", "positive"];

/** What is drawn on a ground that the system chose: the darker pair on a light one, the lighter pair on a dark one. */
const FORCED = {
  light: { negative: [194, 84, 0], positive: [0, 114, 178], neutral: [242, 243, 244] },
  dark: { negative: [240, 136, 62], positive: [86, 180, 233], neutral: [30, 33, 37] },
};

/** Classes beyond the second, in both schemes. */
const MORE = {
  light: [[0, 125, 92], [168, 68, 126], [112, 98, 0], [94, 82, 186], [84, 94, 106], [134, 56, 28]],
  dark: [[64, 200, 152], [226, 138, 190], [214, 196, 70], [160, 152, 240], [164, 173, 184], [226, 150, 120]],
};

/**
 * The colours as they are at an element now.
 *
 * @param {HTMLElement} element lies in the lab.
 * @returns {object} triples [red, green, blue] by name (surface, raised, line, lineStrong, ink, inkSoft, accent, negative,
 *   neutral, positive); `classes`, a triple for each; `full` and `pale`, scales of 256 pixels; `dark`, `forced`.
 */
export function coloursAt(element) {
  const probe = document.createElement("span");
  probe.className = "colour-probe";
  element.append(probe);
  const resolve = (text) => {
    probe.style.color = text;
    return triple(getComputedStyle(probe).color);
  };
  const colours = {};
  for (const name of NAMES) colours[camel(name)] = resolve(`var(--${name})`);
  colours.forced = matchMedia("(forced-colors: active)").matches;
  if (colours.forced) force(colours, resolve);
  probe.remove();
  colours.dark = brightness(colours.surface) < 128;
  colours.full = scaleOf(colours.negative, colours.neutral, colours.positive);
  const pale = (colour) => mix(colours.surface, colour, 0.42);
  colours.pale = scaleOf(pale(colours.negative), mix(colours.surface, colours.neutral, 0.6), pale(colours.positive));
  colours.classes = [colours.negative, colours.positive, ...MORE[colours.dark ? "dark" : "light"]];
  return colours;
}

function force(colours, resolve) {
  colours.surface = resolve("Canvas");
  colours.ink = resolve("CanvasText");
  Object.assign(colours, FORCED[brightness(colours.surface) < 128 ? "dark" : "light"]);
  colours.raised = mix(colours.surface, colours.ink, 0.08);
  colours.accent = resolve("Highlight");
  for (const name of ["line", "lineStrong", "inkSoft"]) colours[name] = colours.ink;
}

/** The colour of class k. */
export function classColour(colours, k) {
  return colours.classes[k % colours.classes.length];
}

/** Between two colours: share 0 is the first one, share 1 the second. */
export function mix(from, to, share) {
  return from.map((value, i) => Math.round(value + (to[i] - value) * share));
}

/** A colour as a style sheet has it. */
export function css([red, green, blue], alpha = 1) {
  return alpha === 1 ? `rgb(${red} ${green} ${blue})` : `rgb(${red} ${green} ${blue} / ${alpha})`;
}

/** The colour of a value between −1 and 1, as strong as `strength` at the ends. */
export function valueColour(colours, value, strength = 1) {
  if (!Number.isFinite(value)) return colours.raised;
  const share = Math.min(1, Math.abs(value)) * strength;
  return mix(mix(colours.surface, colours.neutral, 0.6), value < 0 ? colours.negative : colours.positive, share);
}

/** The 256 pixels (as ImageData keeps them, in 32 bits) from one colour over another to a third one. */
export function scaleOf(low, middle, high) {
  const bytes = new Uint8ClampedArray(4 * 256);
  for (let i = 0; i < 256; i += 1) {
    const share = i / 127.5 - 1;
    bytes.set([...mix(middle, share < 0 ? low : high, Math.abs(share)), 255], 4 * i);
  }
  return new Uint32Array(bytes.buffer);
}

function brightness([red, green, blue]) {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

function triple(text) {
  return (text.match(/[\d.]+/g) || [0, 0, 0]).slice(0, 3).map(Number);
}

function camel(name) {
  return name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
}
