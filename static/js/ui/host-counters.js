/** The counters of a host as they come: a window that is asked for once, and its newest steps while it is live. */

import { CounterData } from "../core/counter-data.js";
import { countersQuery } from "../core/lanes-state.js";
import { lengthOf } from "../core/time-range.js";
import { callApi } from "./api.js";

/** More than that few screens can tell apart. */
const SLOTS = 600;
const LEAST_MS = 2000;
/** Agents send two seconds at once: the last steps would come and go. */
const LATE_MS = 4000;
/** What came late is taken in: a batch that Redis or the network held up. */
const AGAIN_MS = 30_000;

export class HostCounters {
  #host;
  #changed;
  #timer = 0;
  #asked = 0;
  data = null;

  /** @param {string} host  @param {(error: Error|null) => void} changed `data` is another, or could not be had */
  constructor(host, changed) {
    this.#host = host;
    this.#changed = changed;
    document.addEventListener("visibilitychange", () => !document.hidden && this.#range?.last && this.#follow());
  }

  #range = null;

  /** @param {{last: string}|{begin: number, end: number}} range */
  async show(range) {
    clearTimeout(this.#timer);
    this.#range = range;
    const mine = ++this.#asked;
    if (this.data && range.begin === this.data.begin && range.end === this.data.end) return;
    const now = Date.now() - LATE_MS;
    const { begin, end } = range.last ? { begin: now - lengthOf(range.last), end: now } : range;
    await this.#ask(mine, countersQuery({ begin, end }, { slots: SLOTS }), (answer) => (this.data = new CounterData(answer)));
    this.#next(mine);
  }

  /** The window as it is now, which no longer moves. */
  hold() {
    clearTimeout(this.#timer);
    this.#asked++;
    return this.data.range;
  }

  #next(mine) {
    if (mine !== this.#asked || !this.#range.last || document.hidden) return;
    this.#timer = setTimeout(() => this.#follow(), Math.max(LEAST_MS, this.data?.step ?? 0));
  }

  async #follow() {
    clearTimeout(this.#timer);
    const mine = this.#asked;
    if (this.data === null) return this.show(this.#range);
    const { step } = this.data;
    const end = Math.floor((Date.now() - LATE_MS) / step) * step;
    const since = Math.max(end - this.data.steps * step, Math.min(this.data.knownUntil, end) - Math.max(AGAIN_MS, 2 * step));
    await this.#ask(mine, countersQuery({ begin: since, end: end + LATE_MS }, { step }), (answer) => {
      this.data.moveTo(end);
      this.data.put(answer);
    });
    return this.#next(mine);
  }

  async #ask(mine, query, take) {
    try {
      const answer = await callApi("GET", `hosts/${encodeURIComponent(this.#host)}/${query}`);
      if (mine !== this.#asked) return;
      take(answer);
      this.#changed(null);
    } catch (error) {
      if (mine === this.#asked) this.#changed(error);
    }
  }
}
