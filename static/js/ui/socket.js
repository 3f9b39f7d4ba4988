/** A WebSocket that comes back: waits longer after each failure, at once when the page is seen or the network returns. */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** The server's close code for what may not be seen (any more): coming back would not help. */
const NOT_FOUND = 4404;

/**
 * @typedef {object} Listener
 * @property {(data: any) => void} onJson a text message, parsed
 * @property {(data: ArrayBuffer) => void} [onBinary]
 * @property {(connected: boolean) => void} [onConnection]
 */

export class LiveSocket {
  #path;
  #listener;
  #socket = null;
  #failures = 0;
  #timer = 0;
  #ended = false;
  #retry = () => !document.hidden && this.#timer && this.#open();

  /** @param {string} path such as "/ws/hosts/"  @param {Listener} listener */
  constructor(path, listener) {
    this.#path = path;
    this.#listener = listener;
    addEventListener("online", this.#retry);
    document.addEventListener("visibilitychange", this.#retry);
    this.#open();
  }

  /** While there is a connection; what is said in between is about none. @param {object} message */
  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Ends for good. */
  close() {
    this.#ended = true;
    clearTimeout(this.#timer);
    removeEventListener("online", this.#retry);
    document.removeEventListener("visibilitychange", this.#retry);
    this.#socket?.close();
  }

  #open() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const url = new URL(this.#path, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = (this.#socket = new WebSocket(url));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#failures = 0;
      this.#listener.onConnection?.(true);
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code }) => this.#lost(code);
  }

  #receive(data) {
    if (this.#ended) return;
    if (data instanceof ArrayBuffer) this.#listener.onBinary?.(data);
    else this.#listener.onJson(JSON.parse(data));
  }

  #lost(code) {
    if (this.#ended) return;
    this.#listener.onConnection?.(false);
    if (code === NOT_FOUND) return this.close();
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures++);
    // Spread out, or every open page would knock at once when the server is back.
    this.#timer = setTimeout(() => this.#open(), wait * (0.5 + Math.random() / 2));
  }
}
