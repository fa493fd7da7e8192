// Numbers as the page writes them: a true minus sign, thousands separators, four digits; never broken over two lines.

const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

/** Frames have this number, the largest of float32, in place of all that are larger. */
const LARGEST = 2 ** 128 - 2 ** 104;

/** What stands where there is no number, or one that is not finite. */
const NOTHING = "–";

/** A whole number: "12,345". */
export function whole(value) {
  return Math.abs(value).toString().replace(/\B(?=(\d{3})+$)/g, ",").replace(/^/, value < 0 ? "−" : "");
}

/** A number to 4 decimals and at least 4 digits, or as "1.52·10⁻⁷" where it is very small or large. */
export function number(value) {
  if (!isNumber(value)) return NOTHING;
  if (isLong(value)) return power(value);
  return signed(value === 0 ? "0" : value.toFixed(Math.max(4, 3 - Math.floor(Math.log10(Math.abs(value))))));
}

/** A cost, to 4 digits. */
export function four(value) {
  if (!isNumber(value)) return NOTHING;
  return isLong(value) ? power(value) : signed(value === 0 ? "0" : value.toPrecision(4));
}

/** The same, but "0.3" where four decimals are more than the number has. */
export function short(value) {
  if (!isNumber(value)) return NOTHING;
  const decimals = Number(value.toFixed(4));
  return decimals === value && !isLong(value) ? signed(String(decimals)) : number(value);
}

/** A number with so many decimals that its difference to another one shows, at most twelve. */
export function detailed(value, other) {
  if (!isNumber(value) || Math.abs(value) >= 1e6) return number(value);
  const difference = isNumber(other) ? Math.abs(value - other) : 0;
  if (isLong(value) && (difference === 0 || difference >= Math.abs(value) / 100)) return number(value);
  const needed = difference === 0 ? 4 : 2 - Math.floor(Math.log10(difference));
  return signed(value.toFixed(Math.min(12, Math.max(4, needed))));
}

/** A share as a percentage: "90.0 %". */
export function percent(value) {
  return isNumber(value) ? `${(100 * value).toFixed(1)}\u00a0%` : NOTHING;
}

/** A float64 with all of its digits, as Python writes it: "0.1", "1e-07", "-0.0". */
export function exact(value) {
  if (!isNumber(value)) return "nan";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [digits, exponent] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power < -4 || power >= 16) return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  const text = String(value);
  if (text.includes("e")) return Math.abs(value) < 1 ? value.toFixed(digits.replace(/[-.]/g, "").length - 1 - power) : text;
  return text.includes(".") ? text : `${text}.0`;
}

function isNumber(value) {
  return value !== null && value !== undefined && Number.isFinite(value);
}

function isLong(value) {
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e4);
}

function power(value) {
  if (Math.abs(value) === LARGEST) return value < 0 ? "<\u00a0−3.4·10³⁸" : ">\u00a03.4·10³⁸";
  const [digits, exponent] = value.toExponential(2).split("e");
  const raised = [...String(Number(exponent))].map((letter) => SUPERSCRIPTS[letter]).join("");
  return `${signed(digits)}·10${raised}`;
}

function signed(text) {
  return text.replace("-", "−");
}
