// The page's texts, in the language that was chosen.

export const LANGUAGES = { en: "English", ko: "한국어" };

/** The language to begin with: the one that was chosen before, else the browser's, else English. */
export function firstLanguage(chosen) {
  const wanted = [chosen, ...(navigator.languages || [navigator.language])];
  const found = wanted.map((one) => (one || "").slice(0, 2)).find((one) => one in LANGUAGES);
  return found || "en";
}

/** Fetch the texts of a language; the address is relative to the page. */
export async function fetchWords(language) {
  const answer = await fetch(`words/${language}.json`);
  return answer.json();
}

/**
 * Make the function t(key, values) from texts by their keys.
 *
 * "{name}" in a text is replaced by the value of that name. A number of one takes the text of "KEY.one", if there is
 * one. A key without a text is returned as it is.
 */
export function translator(texts) {
  return function t(key, values = {}) {
    const single = Number(values.n) === 1 ? texts[`${key}.one`] : undefined;
    const text = single ?? texts[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  };
}
