/** What stands in the graph's place when there is none, loading, an error, an empty profile; and in a panel's. */

import { bytes } from "../core/format.js";
import { printable } from "../core/labels.js";
import { lastName } from "../core/path.js";
import { element } from "./element.js";

// Widths in %, like the top of a usual graph; only a shape to wait for.
const SKELETON_ROWS = [100, 92, 90, 71, 64, 60, 38, 31, 22];
const WAITING_ROWS = 14;
/** What comes sooner than this needs no skeleton: it would only flash. */
export const SKELETON_AFTER_MS = 150;

/** @returns {{node: HTMLElement, progress: (done: number, total: number) => void}} */
export function loading() {
  const bar = element("progress", { "aria-label": "Loading the profile", hidden: true });
  const text = element("p", { role: "status" }, "Loading the profile…");
  const rows = SKELETON_ROWS.map((width) => {
    const row = element("div", { class: "skeleton-row" });
    row.style.width = `${width}%`;
    return row;
  });
  const progress = (done, total) => {
    Object.assign(bar, { hidden: false, max: total, value: done });
    text.textContent = `Loading the profile, ${bytes(done)} of ${bytes(total)}`;
  };
  return { node: element("div", { class: "profile-message loading" }, ...rows, text, bar), progress };
}

/** Rows of a table to come. */
function waiting() {
  const rows = Array.from({ length: WAITING_ROWS }, () => element("div", { class: "skeleton-row" }));
  return element("div", { class: "profile-message loading" }, ...rows, element("p", { role: "status", class: "visually-hidden" }, "Loading the view…"));
}

/** @param {import("./tree-loader.js").LoadError} error  @param {() => void} retry  @param {(() => void)|null} [whole] where only a part was asked for */
export function failed(error, retry, whole = null) {
  return element(
    "div",
    { class: "profile-message failed", role: "alert" },
    element("h2", {}, error.message),
    element("p", {}, error.advice),
    error.again ? element("button", { type: "button", onclick: retry }, "Try again") : null,
    whole ? element("button", { type: "button", onclick: whole }, "Show the whole recording") : null,
  );
}

const NO_SAMPLE = ["no stack was sampled", "CPU samples are taken only while something runs. Record while the slow work is going on, for longer, or without a filter on process, thread or CPU."];
const NO_EVENT = ["no event came", "What this probe counts did not happen meanwhile. Record while the slow work is going on, for longer, or with fewer restrictions."];

/** @param {boolean} live whether samples may still come  @param {string|null} recordUrl page to record another one  @param {string} [unit] of values */
export function empty(live, recordUrl, unit = "samples") {
  const [what, advice] = unit === "samples" ? NO_SAMPLE : NO_EVENT;
  if (live) return element("div", { class: "profile-message waiting", role: "status" }, element("h2", {}, "No samples yet"), element("p", {}, "The graph grows here as they arrive."));
  return element(
    "div",
    { class: "profile-message", role: "status" },
    element("h2", {}, `This profile is empty: ${what}`),
    element("p", {}, advice),
    recordUrl ? element("a", { class: "button", href: recordUrl }, "Record again") : null,
  );
}

/** The frame of a link that is not in the tree. @param {string} zoom path */
export function goneText(zoom) {
  return `The frame “${printable(lastName(zoom))}” that the link points at is not in this profile. Everything is shown instead.`;
}

/** The steps taken on a profile left no value. */
export function nothingLeft() {
  return element("div", { class: "profile-message", role: "status" }, element("h2", {}, "Nothing is left"), element("p", {}, "The steps above dropped every stack. Undo one with its ×."));
}

/** No sample was taken in the part of the time that is selected. @param {() => void} all takes the selection back */
export function nothingThen(all) {
  return element(
    "div",
    { class: "profile-message", role: "status" },
    element("h2", {}, "Nothing was sampled in this part of the time"),
    element("p", {}, "Nothing ran then, or the link points behind the recording's end."),
    element("button", { type: "button", onclick: all }, "Show the whole recording"),
  );
}

/**
 * What stands over the place of a panel until it has its rows: lines to wait for, or why it can't be had and a way to
 * try again. It takes no room of its own: nothing moves when the panel is there.
 */
export class PanelWait {
  #cover = null;
  #current = null;

  /** @param {HTMLElement} stage where panels stand */
  constructor(stage) {
    this.stage = stage;
  }

  /** Another view was chosen. */
  end() {
    this.#current = null;
    this.#stand(null);
  }

  /**
   * @param {() => Promise<void>} fill  @param {boolean} empty whether there is nothing to look at meanwhile
   * @param {() => void} again
   */
  async during(fill, empty, again) {
    const current = (this.#current = {});
    const stand = (cover) => current === this.#current && this.#stand(cover);
    const skeleton = setTimeout(() => empty && stand(waiting()), SKELETON_AFTER_MS);
    try {
      await fill();
      stand(null);
    } catch (error) {
      stand(failed({ message: "This view can't be shown", advice: told(error), again: true }, again));
    } finally {
      clearTimeout(skeleton);
    }
  }

  #stand(cover) {
    this.#cover?.remove();
    this.#cover = cover;
    cover?.classList.add("panel-wait");
    if (cover) this.stage.append(cover);
  }
}

/** A LoadError advises; a module that did not arrive is a TypeError whose text only says which. */
export function told({ message, advice }) {
  return advice ? `${message}. ${advice}` : `${message}. The server may be down, or the network between: try again.`;
}
