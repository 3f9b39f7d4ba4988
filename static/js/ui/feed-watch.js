/** What a page that watches a feed says of it: how it goes, why not, "Try again", and what it missed while nobody saw it. */

import { clock, span } from "../core/time-range.js";
import { OUT_OF_SIGHT_MS, SeenSocket } from "./seen-socket.js";

const SECOND_MS = 1000;
const WORDS = {
  starting: ["busy", "starting", "The host was asked to run it…"],
  running: ["good", "live", ""],
  away: ["off", "host away", ""],
  idle: ["off", "not running", ""],
  failed: ["bad", "failed", ""],
};

export class FeedWatch {
  #find;
  #socket;
  #mayStart = true;
  #taken = 0;
  #receive;
  #hear;
  #connected;

  /**
   * @param {string} name of the page's elements: `#name-state`, `#name-message`, `#name-again`, `#name-rested`
   * @param {{host: string, probe: string, values: Record<string, string|number>}} feed
   * @param {{receive: (buffer: ArrayBuffer) => void, connected?: () => void, hear?: (told: object) => void}} page
   */
  constructor(name, { host, probe, values }, { receive, connected, hear }) {
    this.#find = (part) => document.querySelector(`#${name}-${part}`);
    this.#receive = receive;
    this.#connected = connected;
    this.#hear = hear;
    const address = `/ws/hosts/${encodeURIComponent(host)}/feeds/${probe}/?${new URLSearchParams(values)}`;
    this.#socket = new SeenSocket(address, {
      onJson: (told) => this.#told(told),
      onBinary: (buffer) => this.#came(buffer),
      onConnection: (is) => this.#connection(is),
      onRested: (from, until) => this.#sayRested(from, until),
    });
    this.#find("again").addEventListener("click", () => this.#socket.send({ again: true }));
  }

  /** @param {string} text empty: there is nothing to say */
  say(text) {
    const place = this.#find("message");
    if (place.textContent !== text) place.textContent = text;
    place.hidden = text === "";
  }

  #told(told) {
    if (told.type === "feed.opened") this.#mayStart = told.may_start;
    else if (told.type === "feed.state") this.#showState(told);
    else if (told.type === "feed.refused") this.#refused(told);
    else this.#hear?.(told);
  }

  #refused({ message }) {
    this.#socket.close();
    this.#showState({ state: "failed", message });
    this.#find("again").hidden = true;
  }

  #came(buffer) {
    try {
      this.#receive(buffer);
    } catch (error) {
      this.say(`A message can't be read: ${error.message}`);
    }
    this.#socket.send({ taken: ++this.#taken });
  }

  #connection(is) {
    if (!is) return this.#showWords("off", "not connected", "The connection to the server is lost, trying again.");
    this.#taken = 0;
    this.#connected?.();
  }

  #showState({ state, message }) {
    const [look, word, meaning] = WORDS[state] ?? ["busy", state, ""];
    const ask = state === "idle" && !this.#mayStart ? ". You see it here when an operator has it running" : "";
    this.#showWords(look, word, message ? `${message[0].toUpperCase()}${message.slice(1)}${ask}.` : meaning);
    this.#find("again").hidden = state !== "failed" || !this.#mayStart;
  }

  #showWords(look, word, message) {
    const shape = this.#find("state");
    shape.className = `state ${look}`;
    shape.textContent = word;
    this.say(message);
  }

  #sayRested(from, until) {
    const place = this.#find("rested");
    const times = `from ${clock(from, SECOND_MS)} to ${clock(until, SECOND_MS)}`;
    place.textContent = `Nothing was watched ${times}: a page that is out of sight for ${span(OUT_OF_SIGHT_MS)} lets the probe on the host end. It goes on now.`;
    place.hidden = false;
  }
}
