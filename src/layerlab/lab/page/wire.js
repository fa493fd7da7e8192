// Messages to the lab and from it. A transport carries them: a socket here, a notebook's channel elsewhere.
//
// A transport is {open({up, down, text, bytes}), send(text), close()}: it calls up() when it carries messages, down(why)
// when it no longer does, text(string) and bytes(ArrayBuffer) for what comes. `why` is "" at first, then "gone", "door"
// (the address has to be opened again) or "full".

import { OPEN } from "./opening.js";

const VERSION = 1;

/** Seconds until the next try to connect: longer after each failure. */
const WAITS = [0.3, 0.6, 1.2, 2.5, 5, 8];

const TYPES = {
  F64: Float64Array,
  F32: Float32Array,
  I64: BigInt64Array,
  I32: Int32Array,
  U8: Uint8Array,
};

/** Tries that fail before the page says why. */
const SILENT = 2;

/** A transport over a WebSocket that connects again whenever it was cut. `address` is relative to the page. */
export function socketTransport(address) {
  const url = new URL(address, document.baseURI);
  url.protocol = url.protocol.replace("http", "ws");
  let socket = null;
  let timer = 0;
  let failures = 0;
  let closed = false;

  function begin(ears) {
    socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      failures = 0;
      ears.up();
    });
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") ears.text(data);
      else ears.bytes(data);
    });
    socket.addEventListener("close", () => {
      if (closed) return;
      if (failures < SILENT) ears.down("");
      else reason().then((why) => closed || socket.readyState !== WebSocket.CLOSED || ears.down(why));
      timer = setTimeout(() => begin(ears), 1000 * WAITS[Math.min(failures, WAITS.length - 1)]);
      failures += 1;
    });
  }

  return {
    open: begin,
    send(text) {
      if (socket && socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close() {
      closed = true;
      clearTimeout(timer);
      if (socket) socket.close();
    },
  };
}

/** Why there is no connection: a browser does not say it of a socket, but of the page. */
async function reason() {
  try {
    const { status } = await fetch(document.baseURI, { method: "HEAD", cache: "no-store" });
    return status === 403 ? "door" : "full";
  } catch {
    return "gone";
  }
}

/**
 * Read a safetensors file.
 *
 * @param {ArrayBuffer} buffer the whole file.
 * @returns {{head: object, arrays: Object<string, {shape: number[], dtype: string, data: ArrayLike<number>}>}}
 */
export function readFrame(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const arrays = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const Type = TYPES[entry.dtype];
    const [from, to] = entry.data_offsets;
    const begin = 8 + length + from;
    const size = (to - from) / Type.BYTES_PER_ELEMENT;
    const aligned = begin % Type.BYTES_PER_ELEMENT === 0;
    const data = aligned ? new Type(buffer, begin, size) : new Type(buffer.slice(begin, begin + to - from));
    arrays[name] = { shape: entry.shape, dtype: entry.dtype, data };
  }
  return { head: JSON.parse(header.__metadata__.frame), arrays };
}

/**
 * Connect the store to a lab.
 *
 * Each kind of message that comes is kept in the store under its name. Of frames, only the last before each drawing of
 * the browser is kept; then the lab is told that it was drawn, and sends the next. A hidden page draws nothing, so
 * nothing is sent to it.
 *
 * @returns {{send: function(object): void, close: function(): void}}
 */
export function connect(transport, store, options = {}) {
  let waiting = null;
  let asked = false;
  let session = options.session || null;
  const answers = {
    welcome(message) {
      session = message.session;
      if (options.onSession) options.onSession(session);
      store.patch({ welcome: message });
    },
    opened: (message) => store.patch(afterOpening(message, store.get())),
    told: (message) => store.patch({ told: message }),
    inside: (message) => store.patch({ inside: message }),
    taken: (message) => store.patch({ taken: message }),
    refused: (message) => store.patch({ refused: message, ...(message.id === OPEN ? { opening: null } : {}) }),
    broke: (message) => store.patch({ refused: { ...message, broke: true } }),
    bye: (message) => store.patch({ refused: message }),
  };

  function send(message) {
    if (message.type === "open") store.patch({ opening: message });
    transport.send(JSON.stringify(message));
  }

  function draw() {
    asked = false;
    const frame = waiting;
    waiting = null;
    if (!frame) return;
    try {
      store.patch({ frame });
    } finally {
      send({ type: "drawn", frame: frame.head.number });
    }
  }

  transport.open({
    up() {
      const { language } = store.get();
      send({ type: "hello", version: VERSION, language, ...(session ? { session } : {}) });
      store.patch({ connected: true, away: "" });
    },
    down: (why) => store.patch({ connected: false, away: why }),
    text(text) {
      const message = JSON.parse(text);
      const answer = answers[message.type];
      if (answer) answer(message);
    },
    bytes(buffer) {
      waiting = readFrame(buffer);
      if (!asked) requestAnimationFrame(draw);
      asked = true;
    },
  });
  return { send, close: transport.close };
}

/** What a new training leaves of the state: nothing that belonged to the last one. */
function afterOpening(message, { told }) {
  return {
    opened: message,
    opening: null,
    told: told && { ...told, settings: message.settings },
    frame: null,
    inside: null,
    taken: null,
    proposed: null,
    until: 0,
    selection: { layer: 1, unit: 1, input: 1, example: 0 },
  };
}
