/**
 * Keeps the view state in the page's URL. Zooming and grouping add an entry, so that Back undoes them; typing, direction
 * and colours replace it.
 *
 * The browser takes 15 to 30 ms of CPU for each change of its history, so the URL follows shortly after the picture:
 * a step once it is painted, typing once it pauses.
 */

import { format, parse } from "../core/viewstate.js";

const TYPING_PAUSE_MS = 250;
const AFTER_PAINT_MS = 50;

export class ViewHistory {
  #pending = null;
  #timer = 0;
  #listeners = { popstate: () => this.#navigated(), pagehide: () => this.#write() };

  /** @param {(state: import("../core/viewstate.js").ViewState) => void} onNavigate Back or Forward was used */
  constructor(onNavigate) {
    this.state = parse(location.search);
    this.onNavigate = onNavigate;
    for (const [name, listener] of Object.entries(this.#listeners)) addEventListener(name, listener);
  }

  /** The query string of the view on screen, which the URL may be a moment behind. */
  get query() {
    return format(this.state, location.search);
  }

  stop() {
    this.#write();
    for (const [name, listener] of Object.entries(this.#listeners)) removeEventListener(name, listener);
  }

  /** One step back within the view. @returns {boolean} false when there is none of ours */
  back() {
    this.#write();
    if (!history.state?.viewSteps) return false;
    history.back();
    return true;
  }

  /** @param {Partial<import("../core/viewstate.js").ViewState>} change */
  push(change) {
    if (!this.#differs(change)) return;
    // What was typed before belongs to the entry before.
    this.#write();
    this.#merge(change, "push", AFTER_PAINT_MS);
  }

  /** @param {Partial<import("../core/viewstate.js").ViewState>} change */
  replace(change) {
    if (this.#differs(change)) this.#merge(change, this.#pending ?? "replace", TYPING_PAUSE_MS);
  }

  #differs(change) {
    return Object.entries(change).some(([name, value]) => this.state[name] !== value);
  }

  #merge(change, how, delay) {
    this.state = { ...this.state, ...change };
    this.#pending = how;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#write(), delay);
  }

  #write() {
    clearTimeout(this.#timer);
    const url = location.pathname + this.query + location.hash;
    const steps = history.state?.viewSteps ?? 0;
    if (this.#pending === "push") history.pushState({ viewSteps: steps + 1 }, "", url);
    if (this.#pending === "replace") history.replaceState(history.state, "", url);
    this.#pending = null;
  }

  #navigated() {
    clearTimeout(this.#timer);
    this.#pending = null;
    this.state = parse(location.search);
    this.onNavigate(this.state);
  }
}
