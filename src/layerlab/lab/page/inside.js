/** @param {HTMLElement} element where it goes. @param {object} context {store, send, t, number, signal, …}. */
export function createInside(element, context) {
  void element;
  void context;
}
