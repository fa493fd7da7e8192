// What a screen reader is told without being asked: where the training is, at most every few seconds, and what is new.

import { setText } from "./elements.js";
import { four, whole } from "./numbers.js";

/** Milliseconds between two sentences while it plays. */
const PAUSE = 5000;

/** @param {HTMLElement} element the live region. @param {object} context as for all. */
export function createAnnouncer(element, { store, t }) {
  let last = 0;
  let before = "";
  store.on(["told"], ({ told }) => {
    if (!told) return;
    const changed = told.state !== before;
    if (!changed && (told.state === "ready" || Date.now() - last < PAUSE)) return;
    if (!changed && told.state !== "playing") return;
    if (before) setText(element, sentence(told));
    before = told.state;
    last = Date.now();
  });

  let advised = "";
  store.on(["told"], ({ told }) => {
    const kinds = (told?.findings ?? []).map(({ kind }) => t(`finding.${kind}`)).join("; ");
    if (kinds && kinds !== advised) setText(element, t("announce.finding", { finding: kinds }));
    advised = kinds;
  });

  function sentence(told) {
    const values = { iteration: whole(told.update), cost: four(told.cost) };
    return t(`announce.${told.state}`, values);
  }
}
