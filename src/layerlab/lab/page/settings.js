export function createSettings(element, context) {
  void element;
  void context;
}
