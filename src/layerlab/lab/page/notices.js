export function createNotices(element, context) {
  void element;
  void context;
}
