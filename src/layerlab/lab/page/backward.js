// The third stage of an iteration, backward: the gradient of a unit's z for one example, and that of a weight.

import { make, newId, setText } from "./elements.js";
import { factor, formulaLine, fraction, m, mi, mo, named, parsed, pieces, row, sign, sumOver, value } from "./formula.js";
import { short, whole } from "./numbers.js";
import { examplesOf, heading, incoming, matrixLines, restRow, result, sentence, slot, termPieces } from "./stages.js";
import { createTerms } from "./terms.js";

/** How the slope of an activation is written for one unit. */
const SLOPES = { tanh: "(1 − a²)", sigmoid: "a (1 − a)", identity: "1" };

/** Stage 3. `choose(example)` is called for a row that is clicked. */
export function createBackward({ t }, choose) {
  const [above, between, below] = [slot(), slot(), slot()];
  const name = newId();
  const delta = folded(name, createTerms());
  const chain = folded(name, createTerms(choose));
  const element = make("section", { class: "stage-section" }, above, delta.element, between, chain.element, below);
  delta.element.open = true;
  let hidden = null; // whether the chosen unit is in a hidden layer

  function show({ facts, formulas }) {
    const { chosen, layer_dims: dims } = facts;
    const inHidden = chosen.layer < dims.length - 1;
    const bias = chosen.input === null;
    if (inHidden !== hidden) {
      delta.element.open = inHidden;
      chain.element.open = !inHidden;
      hidden = inHidden;
    }
    const skipped = bias ? "dW" : "db";
    above.replaceChildren(
      sentence(t("inside.backward")),
      heading(t("inside.matrix", { layer: chosen.layer, examples: examplesOf(facts, t) })),
      ...matrixLines(formulas.backward.filter(({ text }) => !text.startsWith(skipped)), chosen.layer, t),
      heading(t(inHidden ? "inside.unit_delta" : "inside.output_delta", { unit: chosen.unit, example: whole(chosen.example) })),
      ...(inHidden ? [sentence(t("inside.unit_delta.why", { layer: chosen.layer + 1 }))] : []),
      ...(inHidden ? deltaSum(facts) : outputDelta(facts, formulas)),
    );
    showDelta(delta, facts, t);
    between.replaceChildren(
      ...(inHidden ? slopeLines(facts) : []),
      ...nothingLearned(facts, t),
      heading(bias ? t("inside.bias_gradient") : t("inside.weight_gradient", { input: whole(chosen.input) })),
      ...chainLines(facts, t),
    );
    showChain(chain, facts, t);
    below.replaceChildren(...gradientLines(facts, t));
  }

  return { element, show };
}

/** A table that is seen when its line is opened; of those with one name, one is open at a time. */
function folded(name, terms) {
  const summary = make("summary", { class: "terms-summary" });
  return { element: make("details", { class: "terms-fold", name }, summary, terms.element), summary, terms };
}

function showDelta({ element, summary, terms }, { delta, chosen }, t) {
  element.hidden = delta.n === 0;
  if (delta.n === 0) return;
  const caption = t("inside.terms_of", { symbol: "da", n: whole(delta.n) });
  setText(summary, caption);
  terms.show({
    caption,
    heads: [t("inside.head.unit"), "w", "dz", "w · dz"],
    rows: delta.terms,
    foot: [...restRow(delta, t), ["da", delta.da, "total"]],
  });
}

function showChain({ summary, terms }, { chain, chosen }, t) {
  const bias = chosen.input === null;
  const [symbol, sum] = [chosen.layer === 1 ? "x" : "a", bias ? "db" : "dw"];
  const caption = t("inside.terms_of_mean", { n: whole(chain.n) });
  setText(summary, caption);
  terms.show({
    caption,
    heads: [t("inside.head.example"), "dz", bias ? "1" : symbol, bias ? "dz · 1" : `dz · ${symbol}`],
    rows: chain.terms,
    foot: [...restRow(chain, t), [`${sum} = Σ / m`, chain.mean, "total"]],
    chosen: chosen.example,
  });
}

/** da of a hidden unit: the sum over the units that it goes to. */
function deltaSum({ delta, chosen }) {
  const { layer, unit } = chosen;
  return [
    formulaLine(
      named("da", unit, layer), sign("="), sumOver("k"), named("w", `k,${unit}`, layer + 1), named("dz", "k", layer + 1),
    ),
    pieces(...termPieces(delta.terms, delta.n, [[sign("=")], result(delta.da)])),
  ];
}

/** dz of an output unit, from the loss. */
function outputDelta({ delta, loss, chosen, output }, formulas) {
  const { unit, layer } = chosen;
  const text = formulas.backward.find((one) => one.text.startsWith(`dZ${layer} = `)).text;
  const right = unitText(text.replace(/^dZ\d+ = /, ""), layer, output);
  const numbers = { a: loss.prediction[unit - 1], y: loss.y[unit - 1], weight: loss.weight ?? 1 };
  const left = row(named("dz", unit, layer), sign("="));
  return [formulaLine(left, parsed(right, { words: { weight: "weight" } })), pieces(row(sign("="), parsed(right, { numbers })), result(delta.dz))];
}

/** The formula of the last layer's dZ for one unit. */
function unitText(text, layer, output) {
  const plain = text.replaceAll(`A${layer}`, "a").replaceAll("Y", "y").replaceAll("⊙", "·");
  return output === "huber" ? plain.replace(/a − y, cut off at −1 and 1/, "clip(a − y, −1, 1)") : plain;
}

/** dz of a hidden unit: da times the slope of its activation, and dropout's factor. */
function slopeLines({ delta, chosen, sum }) {
  const { unit, layer } = chosen;
  const dropped = delta.kept !== null;
  const text = dropped ? null : SLOPES[sum.activation];
  const slope = text ? [parsed(text)] : slopeSymbol(sum.activation);
  const kept = dropped ? [mo("·"), mi("D")] : [];
  const keptNumber = dropped ? [mo("·"), value(delta.kept)] : [];
  return [
    formulaLine(named("dz", unit, layer), sign("="), named("da", unit, layer), ...kept, mo("·"), ...slope),
    pieces(row(sign("="), value(delta.da), ...keptNumber, mo("·"), factor(delta.slope)), result(delta.dz)),
  ];
}

function slopeSymbol(name) {
  return [m("mi", { mathvariant: "normal" }, name), mo("′", { lspace: "0", rspace: "0" }), mo("("), mi("z"), mo(")")];
}

/** Why this example teaches the unit nothing, if it does not. */
function nothingLearned({ delta, sum, chosen, layer_dims: dims }, t) {
  if (chosen.layer === dims.length - 1) return [];
  if (delta.kept === 0) return [sentence(t("inside.nothing.dropout"))];
  if (delta.slope === 0 && sum.activation === "relu") return [sentence(t("inside.nothing.relu"))];
  if (delta.terms.every((one) => one.at(-1) === 0)) return [sentence(t("inside.nothing.terms"))];
  return [];
}

function gradientName({ layer, unit, input }) {
  return input === null ? named("db", unit, layer) : named("dw", `${unit},${input}`, layer);
}

/** The gradient of the weight: the mean over the examples of dz times what comes in. */
function chainLines(facts, t) {
  const { chain, chosen } = facts;
  const { layer, unit, input, example } = chosen;
  const bias = input === null;
  const dz = () => named("dz", unit, layer);
  const [, ownDz, ownA, ownProduct] = chain.own;
  const one = () => (bias ? [dz()] : [dz(), mo("·"), incoming(layer, input)]);
  const ownNumbers = bias ? [value(ownDz)] : [value(ownDz), mo("·"), factor(ownA)];
  const over = fraction(m("mn", {}, "1"), mi("m"));
  const m1 = fraction(m("mn", {}, "1"), m("mn", {}, String(chain.m)));
  const open = [sign("="), m1, mo("(", { form: "prefix", stretchy: "false" })];
  const products = bias ? ones(chain, open) : termPieces(chain.terms, chain.n, [open]);
  return [
    formulaLine(gradientName(chosen), sign("="), over, sumOver(t("inside.head.examples")), ...one()),
    sentence(t("inside.own_term", { example: whole(example) })),
    pieces(row(...one()), ...(bias ? [result(ownProduct)] : [row(sign("="), ...ownNumbers), result(ownProduct)])),
    sentence(t("inside.mean_of_terms", { examples: examplesOf(facts, t) })),
    pieces(...products.slice(0, -1), row(products.at(-1), mo(")", { form: "postfix", stretchy: "false" })), result(chain.mean)),
  ];
}

/** The terms of a bias: dz alone. */
function ones({ terms, n }, open) {
  const few = terms.slice(0, 3).map(([, dz], place) => (place ? row(sign("+"), factor(dz)) : row(...open, value(dz))));
  return n > few.length ? [...few, row(sign("+"), mo("…"))] : few;
}

/** What a penalty and clipping make of the mean: the gradient that the optimiser gets. */
function gradientLines({ chain, chosen }, t) {
  const penalised = chain.penalty !== 0;
  const clipped = chain.clipped_by !== 1;
  if (!penalised && !clipped) return [];
  const brackets = penalised && clipped;
  const sum = penalised ? [value(chain.mean), sign("+"), factor(chain.penalty)] : [value(chain.mean)];
  const whole = brackets ? [mo("("), ...sum, mo(")")] : sum;
  return [
    ...(penalised ? [sentence(t("inside.penalised", { penalty: short(chain.penalty) }))] : []),
    ...(clipped ? [sentence(t("inside.clipped", { factor: short(chain.clipped_by) }))] : []),
    pieces(
      row(gradientName(chosen), sign("="), ...whole, ...(clipped ? [mo("·"), value(chain.clipped_by)] : [])),
      result(chain.gradient),
    ),
  ];
}
