// One line on the unit or the weight that is pointed at, else on the chosen unit: its numbers.

import { EDGE_ARRAYS, edgeValue } from "./edges.js";
import { make, newId, setText } from "./elements.js";
import { picturesOf, shortNumber } from "./tiles.js";

/** @returns {{id: string, show: function(object, {tile?: object, edge?: object}): void}} shows what is pointed at. */
export function createReadout(place, { t, number }) {
  const name = make("b", {});
  const id = newId();
  const values = make("span", { id, class: "number" });
  place.append(make("p", { class: "unit-readout" }, name, " ", values));
  return { id, show };

  function show(view, { tile, edge }) {
    const [title, numbers] = edge ? ofEdge(view, edge) : ofTile(view, tile);
    setText(name, title);
    setText(values, numbers.filter(([, value]) => value !== undefined && value !== null).map(written).join("   "));
  }

  function written([symbol, value]) {
    const text = typeof value === "string" ? value : number(value);
    return typeof value === "string" || /^[<>]/.test(text) ? `${symbol} ${text}` : `${symbol} = ${text}`;
  }

  function ofEdge({ scene, arrays, lens }, { gap, i, j }) {
    const [left, right] = [scene.columns[gap], scene.columns[gap + 1]];
    const to = t("diagram.unit", { unit: right.units[j] + 1, layer: gap + 1 });
    const from = gap === 0 ? left.names[i] : t("diagram.unit", { unit: left.units[i] + 1, layer: gap });
    const numbers = [["w", edgeValue(scene, arrays, "maps", gap, i, j)]];
    const symbol = { gradients: "dw", steps: "Δw" }[lens];
    if (symbol && EDGE_ARRAYS[lens] !== "W") numbers.push([symbol, edgeValue(scene, arrays, lens, gap, i, j)]);
    return [t("diagram.weight", { from, to }), numbers];
  }

  function ofTile(view, { column, i, unit = view.scene.columns[column]?.units[i] }) {
    const { scene, arrays, lens } = view;
    const part = scene.columns[column];
    if (!part || unit === undefined) return ["", []];
    if (column === 0) {
      if (part.kind === "picture") return [t("diagram.inputs"), []];
      return [part.names[i], [["x", arrays.x?.data[unit] ?? scene.pointOf?.(view.example)?.[unit]]]];
    }
    const of = (key) => arrays[key]?.data[unit];
    const numbers = [["z", of(`z:${column}`)], ["a", of(`a:${column}`)]];
    if (lens === "gradients") numbers.push(["da", of(`da:${column}`)], ["dz", of(`dz:${column}`)]);
    if (lens === "steps") numbers.push(["b", of(`b${column}`)], ["Δb", of(`sb${column}`)]);
    if (lens === "maps" && i >= 0 && picturesOf(arrays, column)) {
      numbers.push([t("diagram.colours"), rangeOf(arrays, column, i)]);
    }
    return [t("diagram.unit", { unit: unit + 1, layer: column }), numbers];
  }

  function rangeOf(arrays, column, i) {
    const ends = arrays[`range:${column}`]?.data;
    if (!ends || ends[2 * i] === ends[2 * i + 1]) return undefined;
    return t("diagram.range", { low: plain(ends[2 * i]), high: plain(ends[2 * i + 1]) });
  }

  function plain(value) {
    return Number.isInteger(value) ? String(value).replace("-", "−") : shortNumber(value);
  }
}
