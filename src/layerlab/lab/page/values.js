// The values of one example of a table: each feature as it is in the data, and as the network gets it.

import { make, setText } from "./elements.js";
import { inputNames } from "./scene.js";

const MOST = 200;

/** @returns {function(object): void} shows a state of the store. */
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
    rows = names.slice(0, MOST).map(() => Array.from({ length: words.length - 1 }, () => make("td", { class: "number" })));
    body.replaceChildren(...rows.map((cells, i) => make("tr", {}, make("th", { scope: "row" }, names[i]), ...cells)));
  }
}
