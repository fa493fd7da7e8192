// The table of a sum's terms: each number with all of its digits as title, and a bar for the last one.

import { make, setText } from "./elements.js";
import { exact, number, whole } from "./numbers.js";

/** A table with more rows than this is scrolled, by keyboard too. */
const MANY = 10;

/**
 * Make a table of terms.
 *
 * @param {function(number): void} choose is called with the number of a row that was clicked; null where none can be.
 * @returns {{element: HTMLElement, show: function(object): void}} `show` takes {caption, heads, rows, foot, chosen,
 *   names, barred, ends}: the texts of the columns; rows of a number (an integer, or a name) and of values
 *   (or {value, text}, where it is written otherwise); rows below the line,
 *   of a name and a value; the number of the chosen row; names of the rows by their number; whether there are bars,
 *   and from which to which value they reach (else as the rows need it).
 */
export function createTerms(choose = null) {
  const [head, body, foot] = [make("tr"), make("tbody"), make("tfoot")];
  const caption = make("caption", { class: "unseen" });
  const table = make("table", { class: "terms" }, caption, make("thead", {}, head), body, foot);
  const element = make("div", { class: "terms-box" }, table);
  let shown = [];
  if (choose) {
    table.classList.add("choosing");
    body.addEventListener("click", ({ target }) => {
      const place = [...body.rows].indexOf(target.closest("tr"));
      if (place >= 0) choose(shown[place][0]);
    });
  }

  function show({ caption: title, heads, rows, foot: below = [], chosen = null, names = {}, barred = true, ends: given = null }) {
    setText(caption, title);
    fitRows(head, heads.length, () => make("th", { scope: "col" }));
    heads.forEach((text, place) => setText(head.cells[place], text));
    if (barred) head.append(make("td"));
    table.classList.toggle("named", barred && Object.keys(names).length > 0);
    const ends = barred ? (given ?? extent(rows)) : null;
    const columns = heads.length;
    if (shown[0]?.length !== rows[0]?.length) body.replaceChildren();
    fitRows(body, rows.length, () => makeRow(columns, barred));
    rows.forEach((row, place) => fill(body.rows[place], row, chosen, names, ends));
    foot.replaceChildren(...below.map((one) => footRow(one, columns, barred)));
    scrolls(element, rows.length > MANY, title);
    shown = rows;
  }

  return { element, show };
}

function fitRows(parent, count, create) {
  while (parent.childElementCount > count) parent.lastChild.remove();
  while (parent.childElementCount < count) parent.append(create());
}

function makeRow(columns, barred) {
  const cells = Array.from({ length: columns - 1 }, () => make("td", { class: "number" }));
  const bar = barred ? [make("td", { class: "bar-cell" }, make("span", { class: "row-name" }), make("span", { class: "bar" }))] : [];
  return make("tr", {}, make("th", { scope: "row" }), ...cells, ...bar);
}

function fill(element, [name, ...values], chosen, names, ends) {
  const { cells } = element;
  setText(cells[0], typeof name === "number" ? whole(name) : name);
  element.classList.toggle("chosen", name === chosen);
  values.forEach((value, place) => setValue(cells[place + 1], value));
  if (!ends) return;
  const [label, bar] = cells[values.length + 1].children;
  setText(label, names[name] ?? "");
  drawBar(bar, values.at(-1), ends);
}

function setValue(cell, given) {
  const { value, text } = Object(given) === given ? given : { value: given };
  setText(cell, typeof text === "string" ? text : number(value));
  const title = exact(value);
  if (cell.title !== title) cell.title = title;
}

/** The lowest and highest bar: at least from 0 to 0. */
function extent(rows) {
  const last = rows.map((row) => row.at(-1)).filter(Number.isFinite);
  return last.reduce(([low, high], one) => [Math.min(low, one), Math.max(high, one)], [0, 0]);
}

/** A bar from 0 to a value, in shares of the cell. */
function drawBar(bar, value, [low, high]) {
  const size = high - low;
  const share = (one) => (size > 0 ? (one - low) / size : 0);
  const [from, to] = [Math.min(value, 0), Math.max(value, 0)].map((one) => share(Number.isFinite(one) ? one : 0));
  bar.style.insetInlineStart = `${100 * from}%`;
  bar.style.inlineSize = `${100 * (to - from)}%`;
  bar.classList.toggle("below", value < 0);
  bar.hidden = !value;
}

/** A row below the line: a name, then its value in the last column. */
function footRow([name, value, kind], columns, barred) {
  const cell = make("td", { class: "number" });
  setValue(cell, value);
  const label = make("th", { scope: "row", colspan: columns - 1 }, name);
  return make("tr", { class: kind ?? "" }, label, cell, ...(barred ? [make("td")] : []));
}

function scrolls(element, yes, title) {
  if (yes) {
    element.tabIndex = 0;
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", title);
  } else for (const name of ["tabindex", "role", "aria-label"]) element.removeAttribute(name);
}
