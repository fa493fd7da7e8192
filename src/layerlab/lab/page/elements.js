// Elements of the page, made in one call each.

const SVG = "http://www.w3.org/2000/svg";

/** Paths of the icons, in a square of 24 × 24. */
const PATHS = {
  rewind: "M6 5h2.5v14H6zM19 5v14l-9.5-7z",
  play: "M7.5 4.5v15l12-7.5z",
  pause: "M6.5 5h4v14h-4zM13.5 5h4v14h-4z",
  step: "M5 5v14l9.5-7zM15.5 5H18v14h-2.5z",
};

let ids = 0;

/** A new id: ids are unique on the whole page, however many labs are on it. */
export function newId() {
  ids += 1;
  return `layerlab-${ids}`;
}

/**
 * Make an element.
 *
 * @param {string} tag its name, such as "button".
 * @param {Object<string, any>} attributes by name; a function is a listener ("click"), true an empty attribute, and
 *   false, null or undefined none.
 * @param {...(Node|string)} children what is in it.
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** An icon by its name, which a screen reader passes over. */
export function icon(name) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("class", "icon");
  picture.setAttribute("aria-hidden", "true");
  picture.setAttribute("focusable", "false");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  path.setAttribute("fill-rule", "evenodd");
  picture.append(path);
  return picture;
}

/** Set a text only where it is another one: a page that changes nothing lays out nothing. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
