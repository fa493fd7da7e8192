/** @param {HTMLElement} element where it goes. @param {object} context {store, send, t, number, signal, …}. */
export function createCurve(element, context) {
  void element;
  void context;
}
