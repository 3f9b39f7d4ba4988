/** A histogram that has a lane: what is kept of it, and, while the page is live, what comes. Its probe runs as long as this is open. */

import { LaneHistogram } from "../core/histogram-lane.js";
import { histogramQuery } from "../core/lanes-state.js";
import { callApi } from "./api.js";
import { FeedSocket } from "./feed-socket.js";

/** Of seconds that came while the answer was on its way. */
const MOST_WAITING = 120;

export class WatchedHistogram {
  /** @type {LaneHistogram|null} */
  histogram = null;
  trouble = "";
  #host;
  #changed;
  #socket = null;
  #asked = 0;
  #waiting = [];
  #loading = null;
  #closed = false;

  /** @param {string} host  @param {{probe: string, title: string}} of  @param {() => void} changed there is more, or other trouble */
  constructor(host, { probe, title }, changed) {
    Object.assign(this, { probe, title });
    this.#host = host;
    this.#changed = changed;
  }

  /** @param {{begin: number, step: number, steps: number}} axis  @param {boolean} live */
  async show(axis, live) {
    if (live && this.#socket === null) this.#watch();
    if (this.#loading?.covers(axis, live) || this.histogram?.covers(axis, live)) return;
    const mine = ++this.#asked;
    this.#loading = { covers: (other) => other.step === axis.step && other.begin >= axis.begin };
    try {
      const answer = await callApi("GET", `hosts/${encodeURIComponent(this.#host)}/${histogramQuery(this.probe, axis)}`);
      if (mine !== this.#asked || this.#closed) return;
      this.histogram = new LaneHistogram(answer, axis);
      for (const told of this.#waiting) this.histogram.add(told);
    } catch (error) {
      if (mine === this.#asked) this.trouble = error.message;
    }
    this.#loading = null;
    this.#changed();
  }

  close() {
    this.#closed = true;
    this.#socket?.close();
  }

  #watch() {
    this.#socket = new FeedSocket(this.#host, this.probe, {
      take: (buffer) => this.#take(JSON.parse(new TextDecoder().decode(buffer))),
      tell: (trouble) => this.#tell(trouble),
    });
  }

  #take(told) {
    this.#waiting = [...this.#waiting, told].slice(-MOST_WAITING);
    this.histogram?.add(told);
    this.#changed();
  }

  #tell(trouble) {
    this.trouble = trouble;
    this.#changed();
  }
}
