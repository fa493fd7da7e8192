// The page: its regions, what fills them, and what is asked of the lab as the state changes.

import { createAnnouncer } from "./announce.js";
import { createCurve } from "./curve.js";
import { createDiagram } from "./diagram.js";
import { make, newId } from "./elements.js";
import { createFindings } from "./findings.js";
import { createHeader } from "./header.js";
import { createInside } from "./inside.js";
import { createKeys } from "./keys.js";
import { createNotices } from "./notices.js";
import { number } from "./numbers.js";
import { propose } from "./opening.js";
import { createPlane } from "./plane.js";
import { createSettings } from "./settings.js";
import { createStore, storeUntil } from "./state.js";
import { createTabs } from "./tabs.js";
import { createTake } from "./take.js";
import { connect, socketTransport } from "./wire.js";
import { fetchWords, firstLanguage, translator } from "./words.js";

/**
 * Fill a root element with the lab.
 *
 * @param {HTMLElement} root gets the class "layerlab-lab"; it may lie in a shadow root.
 * @param {object} transport carries the messages (`wire.js` says what it has to do).
 * @param {object} options `language` and `scheme` ("light", "dark", else the browser's); `session` to join and
 *   `onSession(id)`; `onLanguage(language)`; `words(language)`, a promise of the texts; `keys`, the element where
 *   shortcuts are listened for (the root, unless another is given); `link()`, a training to begin with, "" for none,
 *   and `follow(open)`, which calls open(link) for later ones; `remember(name, value)` for what a person chose.
 * @returns {Promise<function(): void>} ends it: listeners, connection and content.
 */
export async function mount(root, transport, options = {}) {
  const store = createStore();
  const remember = options.remember || (() => {});
  const words = options.words || fetchWords;
  store.patch({ language: firstLanguage(options.language) });
  const ending = new AbortController();
  root.classList.add("layerlab-lab");
  followScheme(root, store, options.scheme, ending.signal);
  const wire = connect(transport, store, options);
  let drawn = null;
  let turn = 0;

  async function draw(language, asked = false) {
    turn += 1;
    const mine = turn;
    const texts = await words(language);
    if (ending.signal.aborted || mine !== turn) return;
    if (drawn) drawn.abort();
    drawn = new AbortController();
    root.lang = language;
    if (options.onLanguage) options.onLanguage(language);
    store.patch({ language });
    fill(root, texts, drawn.signal, asked);
  }

  /** Send what a person asks for; what was refused before is no longer of interest. */
  function send(message) {
    if (!["inside", "take"].includes(message.type)) store.patch({ refused: null });
    wire.send(message);
  }

  function fill(place, texts, signal, asked) {
    const t = translator(texts);
    const context = {
      store: storeUntil(store, signal),
      send,
      propose: (wanted) => propose(store, send, wanted),
      t,
      has: (key) => key in texts,
      number,
      signal,
      keys: options.keys || place,
      chooseLanguage(language) {
        remember("language", language);
        draw(language, true);
      },
      languageAsked: asked, // whether a person has just chosen the language, and is there
      chosenScheme: () => place.dataset.chosen,
      chooseScheme(scheme) {
        remember("scheme", scheme);
        place.dataset.scheme = shownScheme(scheme);
        place.dataset.chosen = scheme;
        store.patch({ scheme: place.dataset.scheme });
      },
    };
    const regions = build(place, t);
    const press = createHeader(regions.header, context);
    createDiagram(regions.network, context);
    createCurve(regions.curve, context);
    createTabs(regions.tabs, context, { says: createPlane, inside: createInside, take: createTake });
    createFindings(regions.findings, context);
    createSettings(regions.settings, context);
    createNotices(regions.notices, context);
    createAnnouncer(regions.status, context);
    createKeys(context, press);
  }

  await draw(store.get().language);
  lookAsChosen(store, wire.send, ending.signal);
  followLinks(store, send, options);
  return () => {
    ending.abort();
    drawn.abort();
    wire.close();
    root.replaceChildren();
  };
}

/** Make the regions, in the order in which they are read. */
function build(root, t) {
  const titled = (name) => {
    const id = newId();
    const head = make("div", { class: "region-head" }, make("h2", { id }, t(`region.${name}`)));
    return make("section", { class: `region ${name}`, "aria-labelledby": id }, head);
  };
  const regions = {
    header: make("header", { class: "header" }),
    network: titled("network"),
    curve: titled("curve"),
    tabs: make("section", { class: "region tabs", "aria-label": t("region.tabs") }),
    findings: make("section", { class: "region findings", "aria-label": t("region.findings"), hidden: true }),
    settings: titled("settings"),
    notices: make("aside", { class: "notices", "aria-label": t("region.notices") }),
    status: make("div", { class: "unseen", role: "status" }),
  };
  const { header, network, curve, tabs, findings, settings, notices, status } = regions;
  const shown = make("div", { class: "main-column" }, network, curve, findings);
  const middle = make("main", { class: "middle" }, shown, make("div", { class: "side-column" }, tabs, settings));
  root.replaceChildren(make("div", { class: "shell" }, header, middle, notices, status));
  return regions;
}

/** Tell the lab what the frames should show, whenever that changes. */
function lookAsChosen(store, send, signal) {
  let last = "";
  storeUntil(store, signal).on(["lens", "pictures", "selection", "tab", "pointed", "opened", "connected"], (state) => {
    const { connected, opened, lens, pictures, pointed, selection, tab } = state;
    if (!connected || !opened) {
      last = "";
      return;
    }
    const large = pointed?.layer ?? opened.network.layer_dims.length - 1; // the layer that the large plane shows
    const fine = opened.planar && tab === "says" ? large : 0;
    const look = { type: "look", lens, example: selection.example, fine, pictures };
    const text = JSON.stringify(look);
    if (text !== last) send(look);
    last = text;
  });
}

/** Open what a link of "Take away" says, once there is a training in whose place it comes. */
function followLinks(store, send, { link = () => "", follow = () => {} }) {
  const open = (text) => text && propose(store, send, { link: text });
  const end = store.on(["opened"], ({ opened }) => {
    if (!opened) return;
    queueMicrotask(() => end());
    open(link());
  });
  follow(open);
}

/** Keep the root's attribute data-scheme at "light" or "dark": as chosen, else as the browser has it. */
function followScheme(root, store, chosen, signal) {
  root.dataset.chosen = chosen || "auto";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    root.dataset.scheme = shownScheme(root.dataset.chosen);
    store.patch({ scheme: root.dataset.scheme });
  };
  dark.addEventListener("change", follow, { signal });
  follow();
}

function shownScheme(chosen) {
  if (chosen === "light" || chosen === "dark") return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** What was chosen in this browser before; a browser that keeps nothing has chosen nothing. */
function remembered(name) {
  try {
    return localStorage.getItem(`layerlab-${name}`);
  } catch {
    return null;
  }
}

function remember(name, value) {
  try {
    localStorage.setItem(`layerlab-${name}`, value);
  } catch {
    // not kept then
  }
}

/** The page of `layerlab lab`: one lab, whose session is in the address. */
function standAlone(root) {
  const address = new URL(location.href);
  mount(root, socketTransport("socket"), {
    language: address.searchParams.get("lang") || remembered("language"),
    scheme: remembered("scheme"),
    session: address.searchParams.get("s"),
    keys: document.documentElement,
    remember,
    onLanguage(language) {
      document.documentElement.lang = language;
    },
    link: () => linkIn(address),
    follow(open) {
      addEventListener("hashchange", () => {
        address.hash = location.hash;
        open(linkIn(address));
      });
    },
    onSession(id) {
      address.searchParams.set("s", id);
      history.replaceState(null, "", address);
    },
  });
}

/** Take a link out of the address of the page, so that a reload goes on with the session. */
function linkIn(address) {
  const link = address.hash.slice(1);
  if (!link.startsWith("v=")) return "";
  address.hash = "";
  history.replaceState(null, "", address);
  return link;
}

for (const root of document.querySelectorAll(".layerlab-lab[data-alone]")) standAlone(root);
