// What the network says of the chosen example, what is right, and the probabilities as bars.

import { classColour, coloursAt, css } from "./colour.js";
import { make, setText } from "./elements.js";
import { percent } from "./numbers.js";
import { classNames, inputNames } from "./scene.js";

/** Bars of so many classes, the likeliest ones. */
const MOST = 12;

const MOST_FEATURES = 200;

/** @returns {function(object): void} shows a state of the store. */
export function createVerdict(place, { t, number }) {
  const line = make("p", { class: "verdict-line" });
  const truth = make("p", { class: "verdict-truth" });
  const bars = make("ul", { class: "bars", "aria-label": t("plane.probabilities") });
  place.append(line, truth, bars);
  let [rows, known, scheme] = [[], null, ""];

  return ({ opened, frame, scheme: now }) => {
    place.hidden = !frame;
    if (!frame) return;
    if (known !== opened || scheme !== now) {
      [known, scheme] = [opened, now];
      rows = rowsOf(opened);
    }
    const { y, p } = frame.arrays;
    if (opened.data.task === "classes") showClasses(opened, Array.from(y.data), Array.from(p.data));
    else showValues(valuesOf(frame.arrays, "y"), valuesOf(frame.arrays, "p"));
  };

  function rowsOf(opened) {
    const names = opened.data.task === "classes" ? classNames(opened.data, opened.network.layer_dims.at(-1)) : [];
    bars.hidden = names.length === 0;
    const colours = coloursAt(place);
    const made = names.slice(0, MOST).map(() => {
      const fill = make("span", { class: "bar-fill" });
      const name = make("span", { class: "bar-name" });
      const value = make("span", { class: "bar-value number" });
      const element = make("li", {}, name, make("span", { class: "share-bar" }, fill), value);
      return { element, name, fill, value };
    });
    bars.replaceChildren(...made.map(({ element }) => element));
    return made.map((row) => ({ ...row, names, colours }));
  }

  function showClasses(opened, y, p) {
    const single = p.length === 1;
    const several = opened.network.output === "sigmoid" && !single;
    const shares = single ? [1 - p[0], p[0]] : p;
    const right = single ? [1 - y[0], y[0]] : y;
    const order = shares.map((_, k) => k);
    if (order.length > MOST) order.sort((a, b) => shares[b] - shares[a]);
    rows.forEach((row, at) => showBar(row, order[at], shares[order[at]], right[order[at]] > 0.5, !opened.planar));
    const names = rows[0]?.names ?? [];
    const listed = (values) => names.filter((_, k) => values[k] > 0.5).join(", ") || t("plane.no_class");
    const said = several ? listed(shares) : names[greatest(shares, single ? p[0] > 0.5 : null)];
    const known = several ? listed(right) : names[greatest(right)];
    if (!shares.every(Number.isFinite)) {
      setText(line, t("plane.no_number"));
      line.className = "verdict-line bad";
    } else {
      setText(line, t(said === known ? "plane.right" : "plane.mistaken", { said }));
      line.className = said === known ? "verdict-line good" : "verdict-line bad";
    }
    setText(truth, t("plane.true_class", { known }));
  }

  function showBar({ element, name, fill, value, names, colours }, k, share, right, plain) {
    setText(name, names[k]);
    setText(value, percent(share));
    element.classList.toggle("right", right);
    fill.style.transform = `scaleX(${Number.isFinite(share) ? share.toFixed(4) : 0})`;
    fill.style.background = plain ? "" : css(classColour(colours, k));
  }

  function showValues(y, p) {
    setText(line, t("plane.says", { value: p.map((one) => number(one)).join(", ") }));
    line.className = "verdict-line";
    setText(truth, t("plane.true_value", { value: y.map((one) => number(one)).join(", ") }));
  }
}

/** Targets or predictions, in the units of the data where the lab sends them so. */
function valuesOf(arrays, name) {
  return Array.from((arrays[`${name}:given`] ?? arrays[name]).data);
}

/** The place of the greatest value; of a single label, `second` says whether it is the second class. */
function greatest(values, second = null) {
  if (second !== null) return second ? 1 : 0;
  return values.indexOf(Math.max(...values));
}

/**
 * The values of one example of a table: each feature as it is in the data, and as the network gets it.
 *
 * @returns {function(object): void} shows a state of the store.
 */
export function createValues(place, { t, number }) {
  const caption = make("caption", {});
  const body = make("tbody", {});
  const head = make("tr", {});
  const table = make("table", { class: "values" }, caption, make("thead", {}, head), body);
  place.append(table);
  let [rows, known] = [[], ""];

  return ({ opened, frame }) => {
    const { x, "x:given": given } = frame.arrays;
    table.hidden = !x;
    if (!x) return;
    const key = `${opened.data.name}|${x.data.length}|${Boolean(given)}`;
    if (key !== known) build(opened, x.data.length, Boolean(given));
    known = key;
    setText(caption, t("plane.values", { example: frame.head.example }));
    rows.forEach(([first, second], i) => {
      setText(first, number((given ?? x).data[i]));
      if (second) setText(second, number(x.data[i]));
    });
  };

  function build(opened, n, standardized) {
    const columns = standardized ? [t("plane.value"), t("plane.standardized")] : [t("plane.as_given")];
    const words = [t("plane.feature"), ...columns];
    head.replaceChildren(...words.map((text) => make("th", { scope: "col" }, text)));
    const names = inputNames(opened.data, n);
    rows = names.slice(0, MOST_FEATURES).map(() => Array.from({ length: words.length - 1 }, () => make("td", { class: "number" })));
    body.replaceChildren(...rows.map((cells, i) => make("tr", {}, make("th", { scope: "row" }, names[i]), ...cells)));
  }
}
