/** The socket of a feed, while its page can be seen: what comes is handed on and acknowledged, and what is in the way is told in words. */

import { SeenSocket } from "./seen-socket.js";

/**
 * @typedef {object} FeedListener
 * @property {(buffer: ArrayBuffer) => void} take  @property {(trouble: string, running: boolean) => void} tell "" when nothing is in the way
 * @property {(connected: boolean) => void} [connection]
 */

export class FeedSocket {
  #socket;
  #listener;
  #taken = 0;

  /** @param {string} host  @param {string} probe  @param {FeedListener} listener */
  constructor(host, probe, listener) {
    this.#listener = listener;
    this.#socket = new SeenSocket(`/ws/hosts/${encodeURIComponent(host)}/feeds/${probe}/`, {
      onJson: (told) => this.#hear(told),
      onBinary: (buffer) => this.#take(buffer),
      onConnection: (connected) => this.#connection(connected),
    });
  }

  close() {
    this.#socket.close();
  }

  #take(buffer) {
    this.#listener.take(buffer);
    this.#socket.send({ taken: ++this.#taken });
  }

  #connection(connected) {
    this.#taken = 0;
    this.#listener.connection?.(connected);
    if (!connected) this.#listener.tell("the connection to the server is lost, trying again", false);
  }

  #hear({ type, state, message }) {
    if (type === "feed.refused") {
      this.#socket.close();
      this.#listener.tell(message, false);
    } else if (type === "feed.state") this.#listener.tell(stateText(state, message), state === "running");
  }
}

function stateText(state, message) {
  if (state === "running") return "";
  return message || (state === "starting" ? "starting…" : "it does not run");
}
