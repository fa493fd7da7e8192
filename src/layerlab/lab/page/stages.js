// The first two stages of an iteration, forward and cost: formulas, the sums with their numbers, and their terms.
//
// A stage is {element, show(message)}; the message is that of the lab, `inside`. All numbers are the message's.

import { make } from "./elements.js";
import { factor, formulaLine, fraction, m, mi, mo, named, parsed, parsedTerms, pieces, row, sign, sumOver, thin, value } from "./formula.js";
import { detailed, short, whole } from "./numbers.js";
import { createTerms } from "./terms.js";

/** Of a sum written out, so many terms are shown; all are in the table. */
const SHOWN = 3;

/** Kinds of output that are probabilities, from 0 to 1. */
const PROBABLE = ["sigmoid", "softmax"];

/** A part of a stage whose content is made anew with each message; what stands beside it stays. */
export function slot(...classes) {
  return make("div", { class: ["slot", ...classes].join(" ") });
}

export function sentence(text) {
  return make("p", { class: "stage-text" }, text);
}

export function heading(text) {
  return make("h4", { class: "stage-part" }, text);
}

/** "400 examples", or those of the mini-batch. */
export function examplesOf({ examples, training_examples: all }, t) {
  return t(examples < all ? "inside.examples.batch" : "inside.examples", { n: whole(examples) });
}

/** Texts of the lab for the words in formulas. */
export function wordsOf(t) {
  return { loss: t("inside.symbol.loss"), weight: t("inside.symbol.weight") };
}

/** Formulas of a layer with the shapes of their matrices. */
export function matrixLines(formulas, layer, t) {
  return formulas.filter((one) => one.layer === layer).map(({ text, shapes }) => {
    return formulaLine(parsed(text, { shapes, words: wordsOf(t) }));
  });
}

/** The value that a unit takes from another one, or from the input: x of layer 1, else a of the layer before. */
export function incoming(layer, index) {
  return layer === 1 ? named("x", index) : named("a", index, layer - 1);
}

/** Terms of a sum in pieces, each with its sign: "= 2.5 · 0.1", "+ (−0.3) · 2", "+ …". */
export function termPieces(rows, n, [first, ...others]) {
  const few = rows.slice(0, n > SHOWN ? SHOWN : n);
  const product = ([, left, right], place) => row(place ? factor(left) : value(left), mo("·"), factor(right));
  const parts = few.map((one, place) => row(...(place ? [sign("+")] : first), product(one, place)));
  if (n > few.length) parts.push(row(sign("+"), mo("…")));
  return [...parts, ...others];
}

/** The last piece: "= 7.8335", marked as what it comes to. */
export function result(given, text) {
  return m("mrow", { class: "result" }, sign("="), value(given, text));
}

/** The rows of a sum, and those left out as one row below. */
export function restRow(one, t) {
  return one.rest === 0 ? [] : [[t("inside.others", { n: whole(one.n - one.terms.length) }), one.rest, "rest"]];
}

/** Stage 1. `choose(input)` is called for a row that is clicked. */
export function createForward({ t }, choose) {
  const [above, below] = [slot(), slot()];
  const terms = createTerms(choose);
  const element = make("section", { class: "stage-section" }, above, terms.element, below);

  function show({ facts, formulas, own }, { featureNames }) {
    const { chosen } = facts;
    const sum = own ? { ...facts.sum, terms: withOwn(facts.sum.terms, own.term), rest: own.rest } : facts.sum;
    const { layer, unit } = chosen;
    const z = () => named("z", unit, layer);
    const symbol = layer === 1 ? "x" : "a";
    above.replaceChildren(
      sentence(t("inside.forward")),
      heading(t("inside.matrix", { layer, examples: examplesOf(facts, t) })),
      ...matrixLines(formulas.forward, layer, t),
      heading(t("inside.one_unit", { unit, example: whole(chosen.example) })),
      formulaLine(
        z(), sign("="), sumOver("i"), named("w", `${unit},i`, layer), incoming(layer, "i"), sign("+"), named("b", unit, layer),
      ),
      pieces(...termPieces(sum.terms, sum.n, [[sign("=")], row(sign("+"), factor(sum.b)), result(sum.z)])),
    );
    terms.show({
      caption: t("inside.terms_of", { symbol: "z", n: whole(sum.n) }),
      heads: [t(layer === 1 ? "inside.head.input" : "inside.head.unit"), "w", symbol, `w · ${symbol}`],
      rows: sum.terms,
      foot: [...restRow(sum, t), ["b", sum.b], ["z", sum.z, "total"]],
      chosen: chosen.input,
      names: layer === 1 ? namesByNumber(featureNames) : {},
    });
    below.replaceChildren(activation(facts, t));
  }

  return { element, show };
}

/** The largest terms of a long sum, with that of the chosen weight at its place. */
function withOwn(terms, own) {
  const place = terms.findIndex(([number]) => number > own[0]);
  return terms.toSpliced(place < 0 ? terms.length : place, 0, own);
}

function namesByNumber(names) {
  return Object.fromEntries(names.map((name, place) => [place + 1, name]));
}

/** What the unit makes of its z. */
function activation({ chosen, sum, output, layer_dims: dims }, t) {
  const { layer, unit } = chosen;
  const a = named("a", unit, layer);
  const shown = nearOne(sum.activation, sum.a) ? detailed(sum.a, Math.sign(sum.a)) : undefined;
  const done = result(sum.a, shown);
  if (layer === dims.length - 1 && output === "softmax") {
    const e = (index) => m("msup", {}, mi("e"), named("z", index));
    return formulaLine(a, sign("="), fraction(e(unit), row(sumOver("k"), e("k"))), done);
  }
  const name = sum.activation;
  const plain = name === "identity" ? value(sum.z) : row(m("mi", { mathvariant: "normal" }, name), mo("("), value(sum.z), mo(")"));
  if (sum.kept === null) return formulaLine(a, sign("="), plain, done);
  const formula = row(a, sign("="), mi("D"), mo("·"), m("mi", { mathvariant: "normal" }, name), mo("("), mi("z"), mo(")"));
  const line = pieces(formula, row(sign("="), value(sum.kept), mo("·"), plain), done);
  const words = sum.kept === 0 ? t("inside.dropped") : t("inside.kept", { factor: short(sum.kept) });
  return make("div", {}, line, sentence(words));
}

/** Whether four digits would round an activation to 1, from which the slope could not be understood. */
function nearOne(name, a) {
  return (name === "tanh" || name === "sigmoid") && a !== null && Math.abs(a) < 1 && Math.abs(a) > 0.99995;
}

/** Stage 2. */
export function createCost({ t }) {
  const [above, below] = [slot(), slot()];
  const terms = createTerms();
  const element = make("section", { class: "stage-section" }, above, terms.element, below);

  function show({ facts, formulas }, { classNames }) {
    const { loss, chosen } = facts;
    const [lossText, costText] = formulas.cost.map(({ text }) => text);
    above.replaceChildren(
      sentence(t("inside.cost")),
      heading(t("inside.one_loss", { example: whole(chosen.example) })),
      ...lossLines(lossText, facts, t),
      ...((loss.weight ?? 1) === 1 ? [] : [sentence(t("inside.weighted", { weight: short(loss.weight) }))]),
    );
    terms.show({
      caption: t("inside.outputs"),
      heads: [t("inside.head.output"), "y", "a"],
      rows: loss.y.map((y, place) => [place + 1, y, loss.prediction[place]]),
      names: loss.y.length > 1 ? namesByNumber(classNames) : {},
      barred: PROBABLE.includes(facts.output),
      ends: [0, 1],
    });
    below.replaceChildren(...twoClasses(facts, classNames, t), ...costLines(costText, facts, t));
  }

  return { element, show };
}

/** What y and a mean where one output tells two classes apart. */
function twoClasses({ loss, output }, names, t) {
  if (output !== "sigmoid" || loss.y.length > 1 || names.length !== 2) return [];
  return [sentence(t("inside.two_classes", { zero: names[0], one: names[1] }))];
}

/** The loss of the example: its formula, then with the numbers. */
function lossLines(text, { loss, output }, t) {
  const words = wordsOf(t);
  const left = () => m("mtext", {}, words.loss);
  const [near, far] = text.split("  ");
  const lines = far
    ? [formulaLine(parsed(near, { words }), mo(","), m("mtext", {}, t("inside.near"))), formulaLine(left(), sign("="), parsed(far), mo(","), m("mtext", {}, t("inside.far")))]
    : [pieces(...parsedTerms(text, { words }))];
  if (loss.y.length === 1) {
    const [y, a] = [loss.y[0], loss.prediction[0]];
    const used = far && Math.abs(a - y) > 1 ? far : near.replace(/^loss = /, "");
    const numbers = { y, a, ...(loss.weight === null ? {} : { weight: loss.weight }) };
    const [first, ...others] = parsedTerms(used, { numbers });
    return [...lines, pieces(row(left(), sign("="), first), ...others, result(loss.loss))];
  }
  const own = loss.y.indexOf(1);
  if (output === "softmax" && own >= 0) {
    const log = row(mo("−", { form: "prefix" }), mi("log"), thin(), value(loss.prediction[own]));
    const weighted = loss.weight === null ? [] : [value(loss.weight), mo("·")];
    return [...lines, pieces(row(left(), sign("="), ...weighted, log), result(loss.loss)), sentence(t("inside.own_class", { k: own + 1 }))];
  }
  const over = output === "softmax" ? [] : [sentence(t("inside.over_outputs"))];
  return [...lines, ...over, pieces(row(left(), result(loss.loss)))];
}

/** The cost: the mean of all losses, and a penalty if there is one. */
function costLines(text, facts, t) {
  const { loss, examples } = facts;
  const [mean, penalty] = text.split(" + ");
  const lines = [
    heading(t("inside.all_losses", { examples: examplesOf(facts, t) })),
    formulaLine(parsed(text, { words: wordsOf(t) })),
  ];
  const shown = detailed(loss.cost, null);
  if (penalty) {
    lines.push(pieces(row(mi("J"), sign("="), value(loss.mean)), row(sign("+"), value(loss.penalty)), result(loss.cost, shown)));
    lines.push(sentence(t("inside.penalty", { mean: short(loss.mean), penalty: short(loss.penalty) })));
  } else lines.push(pieces(row(mi("J"), sign("="), parsed(mean.replace(/^J = /, ""), { numbers: { m: examples }, words: wordsOf(t) })), result(loss.cost, shown)));
  return lines;
}

