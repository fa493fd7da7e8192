// The tabs on the right: What it says, Inside, Take away.

import { make, newId } from "./elements.js";

const NAMES = ["says", "inside", "take"];

/**
 * @param {HTMLElement} element where they go.
 * @param {object} context as for all.
 * @param {Object<string, function>} creators what fills the panel of each tab.
 */
export function createTabs(element, context, creators) {
  const { store, t } = context;
  const list = make("div", { class: "tab-list", role: "tablist", "aria-label": t("region.tabs") });
  const parts = NAMES.map((name) => {
    const [tabId, panelId] = [newId(), newId()];
    const tab = make("button", { class: "tab", type: "button", role: "tab", id: tabId }, t(`tab.${name}`));
    const panel = make("div", {
      class: `tab-panel ${name}`,
      role: "tabpanel",
      id: panelId,
      tabindex: 0,
      "aria-labelledby": tabId,
      hidden: true,
    });
    tab.setAttribute("aria-controls", panelId);
    tab.addEventListener("click", () => store.patch({ tab: name }));
    tab.addEventListener("keydown", (event) => move(event, name));
    return { name, tab, panel };
  });
  list.append(...parts.map(({ tab }) => tab));
  element.append(list, ...parts.map(({ panel }) => panel));
  store.on(["tab"], (state) => {
    for (const { name, tab, panel } of parts) {
      const chosen = name === state.tab;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      panel.hidden = !chosen;
    }
  });
  for (const { name, panel } of parts) creators[name](panel, context);

  function move(event, name) {
    const at = NAMES.indexOf(name);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: NAMES.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = parts[(to + NAMES.length) % NAMES.length];
    store.patch({ tab: next.name });
    next.tab.focus();
  }
}
