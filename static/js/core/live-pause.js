/** Holds the picture of a live run still: what arrives meanwhile waits, and how far behind the picture is can be told. */

import { WireError, decode } from "./wire.js";

export class LivePause {
  #paused = false;
  #since = 0;
  #shown = 0;
  #newest = null;

  /** @param {(buffer: ArrayBuffer) => void} show takes the state of the run that is to be on screen */
  constructor(show) {
    this.show = show;
  }

  get paused() {
    return this.#paused;
  }

  /** A state of the whole run. @param {ArrayBuffer} buffer */
  receive(buffer) {
    if (this.#paused) {
      this.#newest = buffer;
      return;
    }
    this.#shown = headerOf(buffer)?.total ?? this.#shown;
    this.show(buffer);
  }

  /** @param {number} elapsedS of the recording */
  pause(elapsedS) {
    this.#paused = true;
    this.#since = elapsedS;
  }

  /** At once to the newest state. */
  resume() {
    this.#paused = false;
    const newest = this.#newest;
    this.#newest = null;
    if (newest) this.receive(newest);
  }

  /** @param {number} elapsedS  @returns {{seconds: number, value: number, unit: string}} by how much the picture is behind */
  behind(elapsedS) {
    const { total, unit } = (this.#newest && headerOf(this.#newest)) ?? { total: 0, unit: "samples" };
    return { seconds: Math.max(0, elapsedS - this.#since), value: Math.max(0, total - this.#shown), unit };
  }
}

/** null of a damaged message: who shows it says so. */
function headerOf(buffer) {
  try {
    return decode(buffer).header;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return null;
  }
}
