// Numbers as the page writes them: a true minus sign, thousands separators, four digits.

const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

/** A whole number: "12,345". */
export function whole(value) {
  return Math.abs(value).toString().replace(/\B(?=(\d{3})+$)/g, ",").replace(/^/, value < 0 ? "−" : "");
}

/** A number to 4 decimals, or as "1.52·10⁻⁷" where that says too little. */
export function number(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e4)) return power(value);
  return signed(value.toFixed(4));
}

/** A cost, to 4 digits. */
export function four(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e4)) return power(value);
  return signed(size === 0 ? "0" : value.toPrecision(4));
}

/** A share as a percentage: "90.0 %". */
export function percent(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return `${(100 * value).toFixed(1)} %`;
}

function power(value) {
  const [digits, exponent] = value.toExponential(2).split("e");
  const raised = [...String(Number(exponent))].map((letter) => SUPERSCRIPTS[letter]).join("");
  return `${signed(digits)}·10${raised}`;
}

function signed(text) {
  return text.replace("-", "−");
}
