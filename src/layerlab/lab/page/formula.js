// Formulas as MathML: from texts in the notation of the course notes, and from parts; with shapes or numbers put in.
//
// In a text a digit right after a name is an index (Z1 is Z with [1] above), ᵀ ² ᵗ stand above, ₁ ₂ ₜ below, a / b is a
// fraction, and √ takes what follows it. `math` elements keep their own display: long sums are pieces that may go to the
// next line, and what is still too wide is scrolled by the element around it.

import { make } from "./elements.js";
import { exact, short } from "./numbers.js";

const MATHML = "http://www.w3.org/1998/Math/MathML";

const SUBSCRIPTS = { "₁": "1", "₂": "2", "ₜ": "t" };
const ABOVE = { "²": "2", "ᵀ": "T", "ᵗ": "t", "′": "′" };

const TOKEN = /\s*(\d+(?:\.\d+)?|[A-Za-zα-ω]+\d*|[₁₂ₜ]|[²ᵀᵗ′]|←|.)/gu;

/** Names of functions, and other words, which stand upright. */
const FUNCTIONS = /^(log|exp|sign|clip|softmax|[a-z_]{4,})$/;

/** An element of MathML. */
export function m(tag, attributes, ...children) {
  const element = document.createElementNS(MATHML, tag);
  for (const [name, value] of Object.entries(attributes ?? {})) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

export const mi = (text) => m("mi", {}, text);
export const mo = (text, attributes) => m("mo", attributes, text);
export const row = (...children) => m("mrow", {}, ...children);

/** A sign between two parts, also where a piece of a formula begins with it. */
export const sign = (text) => mo(text, { form: "infix" });

/** A thin space, after the name of a function. */
export const thin = () => m("mspace", { width: "0.1667em" });

/** A formula in a line of text. */
export function math(...children) {
  return m("math", {}, ...children);
}

/** A formula on a line of its own, which is scrolled where it is too wide. */
export function formulaLine(...children) {
  return make("div", { class: "formula" }, math(...children));
}

/** A formula in pieces: a line may end between two of them. */
export function pieces(...parts) {
  const spaced = parts.flatMap((part, place) => (place ? [" ", math(part)] : [math(part)]));
  return make("div", { class: "formula pieces" }, ...spaced);
}

/** A number: its four digits, and all of them as its title. */
export function value(given, text) {
  const shown = text ?? short(given);
  const title = { title: exact(given) };
  const [digits, power] = shown.replace("−", "").split("·10");
  const size = power === undefined ? m("mn", {}, digits) : row(m("mn", {}, digits), mo("·"), tenTo(power));
  return shown.startsWith("−") ? m("mrow", title, mo("−", { form: "prefix" }), size) : m("mrow", title, size);
}

/** 10 to a power that is given in raised digits: as a formula has it, in one font. */
function tenTo(raised) {
  const plain = raised.normalize("NFKC").replace("-", "−");
  return m("msup", {}, m("mn", {}, "10"), m("mn", {}, plain));
}

/** A number as a factor: in brackets if it is below 0. */
export function factor(given, text) {
  const shown = value(given, text);
  return given < 0 ? row(mo("(", { form: "prefix" }), shown, mo(")", { form: "postfix" })) : shown;
}

/**
 * A name such as z, dw or W, with what stands below and above it.
 *
 * @param {string} name a d before another letter is a derivative.
 * @param {string} below an index, such as "1" or "1,i".
 * @param {string|number} layer stands above it, in square brackets.
 */
export function named(name, below = "", layer = "") {
  const base = /^d[A-Za-z]$/.test(name) ? row(mi("d"), mi(name[1])) : mi(name);
  const sub = below === "" ? null : row(...[...String(below).matchAll(/\d+|\D/g)].map(([part]) => indexPart(part)));
  const sup = layer === "" ? null : bracketed(layer);
  if (sub && sup) return m("msubsup", {}, base, sub, sup);
  if (sub) return m("msub", {}, base, sub);
  return sup ? m("msup", {}, base, sup) : base;
}

function indexPart(part) {
  if (part === ",") return mo(",", { separator: "true", lspace: "0", rspace: "0" });
  return /\d/.test(part) ? m("mn", {}, part) : mi(part);
}

function bracketed(layer) {
  return row(mo("[", { stretchy: "false" }), m("mn", {}, String(layer)), mo("]", { stretchy: "false" }));
}

/** A sum sign with what it counts below it. */
export function sumOver(index) {
  return m("munder", {}, mo("Σ", { movablelimits: "false", largeop: "false" }), index.length > 1 ? m("mtext", {}, index) : mi(index));
}

export function fraction(above, below) {
  return m("mfrac", {}, above, below);
}

/**
 * Read a formula.
 *
 * @param {string} text such as "dW1 = 1/m dZ1 Xᵀ".
 * @param {object} how `shapes`, the shape of each matrix by its name, written below it; `numbers`, what is put in for
 *   names ({"α": 0.3}); `words`, what is written for names that are words ({"loss": "손실"});
 *   `goesOn`, whether it begins with the sign that joins it to the piece before.
 */
export function parsed(text, how = {}) {
  const tokens = [...text.trim().matchAll(TOKEN)].map(([whole, token]) => ({ token, tight: whole === token }));
  return new Reader(tokens, how).all();
}

/** Read the terms of a sum as pieces: a line may end before each "+" and "−" that is not in round brackets. */
export function parsedTerms(text, how = {}) {
  const cuts = [0];
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/[()]| [+−] /g)) {
    if (token === "(") depth += 1;
    else if (token === ")") depth -= 1;
    else if (depth === 0) cuts.push(index + 1);
  }
  return cuts.map((from, place) => parsed(text.slice(from, cuts[place + 1]), { ...how, goesOn: place > 0 }));
}

/** Reads tokens from left to right: sums of products of factors. */
class Reader {
  constructor(tokens, how) {
    this.tokens = tokens;
    this.place = 0;
    this.how = how;
  }

  get next() {
    return this.tokens[this.place]?.token;
  }

  take() {
    this.place += 1;
    return this.tokens[this.place - 1].token;
  }

  all() {
    const found = row();
    if (this.how.goesOn) found.append(sign(this.take()));
    while (this.next !== undefined) found.append(...this.sum([], this.how.goesOn));
    return found;
  }

  /** The parts of a sum, up to a closing bracket or the end. */
  sum(ends, goesOn = false) {
    const parts = [];
    while (this.next !== undefined && !ends.includes(this.next)) {
      const { next } = this;
      if (",".includes(next)) parts.push(mo(this.take(), { separator: "true" }));
      else if ("=←+>".includes(next)) parts.push(sign(this.take()));
      else if (next === "−") parts.push(mo(this.take(), { form: isRelation(parts.at(-1)) ? "prefix" : "infix" }));
      else if (")]".includes(next)) parts.push(mo(this.take()));
      else parts.push(...this.product(ends, goesOn || !isRelation(parts.at(-1))));
    }
    return parts;
  }

  /** Factors side by side; "/" makes a fraction of the two around it. `after` says whether a sign stands before. */
  product(ends, after) {
    const parts = [];
    let before = null; // the last factor: a number next to another needs a dot
    while (this.next !== undefined && !"=←+−>,".includes(this.next) && ![...ends, ")", "]"].includes(this.next)) {
      if (this.next === "/") {
        this.take();
        const below = this.factor(ends, true);
        const found = fraction(parts.pop() ?? row(), below);
        parts.push(below.localName === "mrow" ? m("mstyle", { displaystyle: "true" }, found) : found);
      } else if (this.next === "·" || this.next === "⊙") {
        parts.push(mo(this.take()));
        before = null;
        continue;
      } else {
        const one = this.factor(ends, false, after || parts.length > 0);
        if (before && needsDot(before, one)) parts.push(mo("·"));
        else if (before && one.classList.contains("function")) parts.push(thin());
        parts.push(one);
      }
      before = parts.at(-1);
      if (before.classList.contains("function")) {
        if (this.next !== "(") parts.push(thin());
        before = null;
      }
    }
    return parts;
  }

  factor(ends, bare, follows = false) {
    const token = this.take();
    if (token === "(" || token === "[" || token === "|") return this.raised(this.bracket(token, bare));
    if (token === "√") return m("msqrt", {}, this.factor(ends, true));
    if (token === "Σ") return mo("Σ", { largeop: "false" });
    if (token === "½") return fraction(m("mn", {}, "1"), m("mn", {}, "2"));
    if (/^\d/.test(token)) return m("mn", {}, token);
    if (/^[A-Za-zα-ω]/u.test(token)) return this.name(token, follows);
    return mo(token);
  }

  bracket(open, bare) {
    const close = { "(": ")", "[": "]", "|": "|" }[open];
    const inner = this.sum([close]);
    const closed = this.next === close;
    if (closed) this.take();
    if (bare && !(this.next in ABOVE)) return row(...inner);
    return row(mo(open, { form: "prefix" }), ...inner, ...(closed ? [mo(close, { form: "postfix" })] : []));
  }

  raised(base) {
    return this.next in ABOVE ? m("msup", {}, base, mi(ABOVE[this.take()])) : base;
  }

  /** A name with its index, what is above and below it, its number or its shape. */
  name(token, follows) {
    const { shapes = {}, numbers = {}, words = {} } = this.how;
    let key = token;
    while (this.next in SUBSCRIPTS) key += this.take();
    const [, letters, layer] = /^(\D+?)(\d*)([₁₂ₜ]*)$/.exec(key);
    const above = [];
    while (this.next in ABOVE && this.tokens[this.place].tight) above.push(this.take());
    if (key in numbers) return putIn(numbers, key, above, follows);
    if (letters in words) return m("mtext", {}, words[letters]);
    const power = above.map((sign) => ABOVE[sign]);
    const found = nameOf(letters, key.slice(letters.length), layer, power);
    const shape = shapes[key];
    if (!shape) return found;
    const shown = above.includes("ᵀ") ? [...shape].reverse() : shape;
    return m("munder", { class: "shaped" }, found, m("mtext", { class: "shape" }, `(${shown.join(", ")})`));
  }
}

function nameOf(letters, rest, layer, power) {
  if (FUNCTIONS.test(letters)) {
    const name = m("mi", { mathvariant: "normal", class: "function" }, letters);
    return power.length ? m("mrow", { class: "function" }, name, mo("′", { lspace: "0", rspace: "0" })) : name;
  }
  if (layer === "") {
    const below = [...rest].map((sign) => SUBSCRIPTS[sign]).join("");
    if (power.length && below) return m("msubsup", {}, named(letters), indexPart(below), mi(power.join("")));
    const base = named(letters, below);
    return power.length ? m("msup", {}, base, mi(power.join(""))) : base;
  }
  if (power[0] === "T") {
    const base = named(letters);
    return m("msup", {}, base, row(bracketed(layer), mi("T")));
  }
  const base = named(letters, "", layer);
  if (power.length === 0) return base;
  return m("msup", {}, row(mo("(", { form: "prefix" }), base, mo(")", { form: "postfix" })), mi(power.join("")));
}

/** A number in place of a name: given as it is, or as {exact, text}. */
function putIn(numbers, key, above, follows) {
  const { exact: given, text } = Object(numbers[key]) === numbers[key] ? numbers[key] : { exact: numbers[key] };
  const shown = above.length || follows ? factor(given, text) : value(given, text);
  const exponent = above[0] === "ᵗ" && "t" in numbers ? m("mn", {}, String(numbers.t)) : mi(ABOVE[above[0]] ?? "");
  const found = above.length ? m("msup", {}, shown, exponent) : shown;
  found.classList.add("put-in");
  return found;
}

/** Whether what follows begins a side of an equation: a minus sign belongs to it alone. */
function isRelation(part) {
  return part === undefined || (part.localName === "mo" && "=←>".includes(part.textContent));
}

/** Whether a dot has to stand between two factors: where one of them is a number that was put in, or both are numbers. */
function needsDot(one, other) {
  const numbers = [one, other].map((element) => element.localName === "mn");
  return one.classList.contains("put-in") || other.classList.contains("put-in") || (numbers[0] && numbers[1]);
}
