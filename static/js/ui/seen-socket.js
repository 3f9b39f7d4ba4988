/** A LiveSocket of a page that can be seen. What it watches runs on a host as long: a forgotten tab must not keep it there. */

import { LiveSocket } from "./socket.js";

/** Who looks something up in another tab misses nothing; who forgot this one costs the host no more than a minute. */
export const OUT_OF_SIGHT_MS = 60_000;

export class SeenSocket {
  #path;
  #listener;
  #socket = null;
  #timer = 0;
  #restsSince = null;
  #look = () => (document.hidden ? this.#hide() : this.#seen());

  /**
   * @param {string} path
   * @param {import("./socket.js").Listener & {onRested?: (from: number, until: number) => void}} listener
   * `onRested`: the page is seen again, and from when until when (Unix ms) it had no connection for want of a reader
   */
  constructor(path, listener) {
    this.#path = path;
    this.#listener = listener;
    document.addEventListener("visibilitychange", this.#look);
    this.#socket = new LiveSocket(path, listener);
    this.#look();
  }

  /** @param {object} message */
  send(message) {
    this.#socket?.send(message);
  }

  /** Ends for good. */
  close() {
    document.removeEventListener("visibilitychange", this.#look);
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  #hide() {
    clearTimeout(this.#timer);
    if (this.#restsSince === null) this.#timer = setTimeout(() => this.#rest(), OUT_OF_SIGHT_MS);
  }

  #rest() {
    this.#restsSince = Date.now();
    this.#socket.close();
    this.#socket = null;
    this.#listener.onConnection?.(false);
  }

  #seen() {
    clearTimeout(this.#timer);
    if (this.#restsSince === null) return;
    const from = this.#restsSince;
    this.#restsSince = null;
    this.#socket = new LiveSocket(this.#path, this.#listener);
    this.#listener.onRested?.(from, Date.now());
  }
}
