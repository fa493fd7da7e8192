// Which values a setting takes, and the sentence that asks for one of them.

import { whole } from "./numbers.js";

/** The bounds of a number, in the order in which they are named, and whether a value keeps them. */
const BOUNDS = {
  low: (value, bound) => value >= bound,
  above: (value, bound) => value > bound,
  high: (value, bound) => value <= bound,
  below: (value, bound) => value < bound,
};

/**
 * What is wrong with a value of a setting.
 *
 * @param {object} facts {name, kind, optional, low, high, above, below}, as `welcome.settings` has.
 * @param {any} value what was typed; undefined where it means nothing, null where the field is empty.
 * @param {object} state the store's; the training set and the lab set bounds of their own.
 * @param {function(string, object=): string} t the page's texts.
 * @returns {string} a sentence that says what is wanted, with its range; "" for a value that is allowed.
 */
export function problemOf(facts, value, state, t) {
  if (value === null && facts.optional) return "";
  if (facts.kind === "sizes") return problemOfSizes(value, state, t);
  if (value === undefined || value === null) return t(`wanted.${facts.kind}`);
  const bounds = boundsOf(facts, state);
  if (bounds.every(([name, bound]) => BOUNDS[name](value, bound))) return "";
  const said = bounds.map(([name, bound]) => t(`bound.${name}`, { bound: facts.kind === "int" ? whole(bound) : bound }));
  return t(`wanted.${facts.kind}.within`, { bounds: said.join(", ") });
}

function problemOfSizes(sizes, { welcome }, t) {
  const { layers, units } = welcome.limits;
  if (sizes && sizes.length <= layers && sizes.every((n) => n <= units)) return "";
  return t("wanted.sizes", { layers: whole(layers), units: whole(units) });
}

/** The bounds that there are: the setting's own, the lab's, and the number of training examples. */
function boundsOf(facts, { welcome, opened, proposed }) {
  let high = facts.high ?? Infinity;
  if (facts.name === "batch_size" && opened && !proposed?.data) high = Math.min(high, opened.examples);
  if (facts.name === "epochs") high = Math.min(high, welcome.limits.iterations);
  const own = { ...facts, high: Number.isFinite(high) ? high : null };
  return Object.keys(BOUNDS)
    .map((name) => [name, own[name] ?? null])
    .filter(([, bound]) => bound !== null);
}
