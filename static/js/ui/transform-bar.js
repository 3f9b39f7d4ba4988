/**
 * `<transform-bar>`: which view of the profile, the steps taken on it and what they dropped, and steps to take.
 * Events: `view` {show}, `steps` {steps}, `save` {what} (ui/save-view.js), `notes`: their list is to be opened or closed, `heat` {heat}: the heat map is to be opened or, with "", closed.
 */

import { share } from "../core/format.js";
import { PRESETS, SHAPES, onMatches } from "../core/presets.js";
import { describeStep, formatTrail, parseTrail } from "../core/trail.js";
import { targetError } from "../core/targets.js";
import { element } from "./element.js";

const SHOWN = [
  ["graph", "Graph", "The flame graph"],
  ["table", "Table", "Functions with their own and total values"],
  ["sandwich", "Sandwich", "Callers and callees of a function"],
  ["tree", "Call tree", "The graph as rows that open, for the keyboard"],
  ["chart", "Chart", "Stacks in the order of time, a lane for each thread"],
];

const OWN = [
  ["keep", "Keep only", "Only stacks that have a frame of such a name"],
  ["drop", "Drop", "Without stacks that have one"],
  ["hide", "Hide", "Such frames give their value to their callers"],
];

const FILES = [
  ["png", "Picture of the graph (PNG)"],
  ["csv", "Functions (CSV)"],
  ["folded", "Stacks (folded)"],
  ["html", "HTML file (works offline)"],
];

export class TransformBar extends HTMLElement {
  #steps = [];
  #query = "";
  #views = new Map();
  #list = element("ol", { "aria-label": "Steps" });
  #kept = element("span", { class: "kept", role: "status" });
  #heat = element("button", { type: "button", title: "When samples were taken; select a part of the time", onclick: () => this.#emit("heat", { heat: this.#heat.getAttribute("aria-pressed") === "true" ? "" : "offset" }) }, "Heat map");
  #add = element("select", { "aria-label": "Change what is shown", onchange: () => this.#take(this.#add.value) });

  #notes = element("button", { type: "button", "aria-expanded": "false", onclick: () => this.#emit("notes", {}) });
  #save = element("select", { "aria-label": "Save what is shown", onchange: () => this.#saveAs() }, element("option", { value: "" }, "Save…"), ...FILES.map(([what, text]) => element("option", { value: what }, text)));
  #own = element("details", { class: "own-step" }, element("summary", { title: "Keep or drop stacks by an expression of your own" }, "By name…"), this.#form());

  connectedCallback() {
    if (this.#views.size > 0) return;
    for (const [name, text, title] of SHOWN) {
      this.#views.set(name, element("button", { type: "button", title, onclick: () => this.#emit("view", { show: name }) }, text));
    }
    this.append(element("div", { class: "segments", role: "group", "aria-label": "View" }, ...this.#views.values()), this.#heat, this.#add, this.#own, this.#save, this.#notes, this.#list, this.#kept);
    this.closest("profile-view")?.addEventListener("noteschange", () => this.#offerNotes());
  }

  /**
   * @param {string} shown  @param {string} query of the search
   * @param {import("../core/transforms.js").Taken[]} taken
   * @param {import("../core/tree.js").Tree} tree what is left  @param {import("../core/tree.js").Tree} base what was there before
   */
  show(shown, query, taken, tree, base) {
    const [left, whole] = [tree.total[0], base.total[0]];
    this.#offerFiles(base);
    for (const [name, button] of this.#views) button.setAttribute("aria-pressed", String(name === shown));
    this.#steps = taken.map(({ step }) => step);
    this.#query = query;
    this.#offer();
    this.#offerNotes();
    this.#list.replaceChildren(...taken.map((step, i) => this.#chip(step, i, whole)));
    const dropped = whole - left;
    this.#kept.textContent = taken.length === 0 ? "" : dropped > 0 ? `${share(left, whole)} is left, ${share(dropped, whole)} was dropped` : "nothing was dropped";
  }

  /** Whether the list of notes is open. */
  set notesOpen(yes) {
    this.#notes.setAttribute("aria-expanded", String(yes));
  }

  /** Who may write notes is offered the list even when it is empty. */
  #offerNotes() {
    const view = this.closest("profile-view");
    const there = Number(view?.getAttribute("notes-count") ?? 0);
    this.#notes.textContent = there > 0 ? `Notes ${there}` : "Notes";
    this.#notes.title = "What people wrote about functions of this profile";
    this.#notes.hidden = !view?.getAttribute("notes-path") || (there === 0 && view.getAttribute("may-note") !== "yes");
  }

  /** @param {boolean} offered whether there is a heat map  @param {string} heat its rows, "" while it is closed */
  showHeat(offered, heat) {
    this.#heat.hidden = this.#views.get("chart").hidden = !offered;
    this.#heat.setAttribute("aria-pressed", String(heat !== ""));
  }

  /** Steps on what the search matches are offered while there is a search. */
  #offer() {
    const groups = [["Show less", PRESETS], ["Another shape", SHAPES], ["What the search matches", onMatches(this.#query)]];
    this.#add.replaceChildren(element("option", { value: "" }, "Change…"), ...groups.map(([label, offers]) => stepGroup(label, offers)));
  }

  #chip({ step, error, dropped }, index, whole) {
    const words = describeStep(step);
    const undo = () => this.#emit("steps", { steps: this.#steps.toSpliced(index, 1) });
    const title = error ? `Skipped: ${error}` : dropped > 0 ? `Dropped ${share(dropped, whole)} of everything` : "Dropped nothing";
    return element("li", { class: error ? "skipped" : "", title }, element("bdi", {}, words), error ? element("span", { class: "why" }, ` (${error})`) : "", element("button", { type: "button", "aria-label": `Undo: ${words}`, onclick: undo }, "×"));
  }

  #form() {
    const input = element("input", { type: "text", required: true, spellcheck: false, autocomplete: "off", placeholder: "json|yaml", "aria-label": "Regular expression of frame names" });
    const error = element("p", { class: "own-error", role: "alert", hidden: true });
    const buttons = OWN.map(([verb, text, title]) => element("button", { type: "submit", value: verb, title }, text));
    const form = element("form", {}, input, ...buttons, error);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const wrong = targetError(`~${input.value}`);
      Object.assign(error, { textContent: wrong, hidden: wrong === "" });
      if (wrong !== "") return;
      this.#own.open = false;
      this.#emit("steps", { steps: [...this.#steps, `${event.submitter.value}~${input.value}`] });
    });
    this.addEventListener("keydown", ({ key }) => key === "Escape" && (this.#own.open = false));
    return form;
  }

  /** A server makes the file: not of a run that goes on, nor of a file that was saved. */
  #offerFiles({ source }) {
    const html = this.#save.querySelector("[value=html]");
    html.hidden = html.disabled = typeof source !== "string";
  }

  /** While a file is made. */
  set saving(yes) {
    this.#save.disabled = yes;
    this.#save.options[0].text = yes ? "Saving…" : "Save…";
  }

  #saveAs() {
    this.#emit("save", { what: this.#save.value });
    this.#save.value = "";
  }

  #take(chosen) {
    if (chosen !== "") this.#emit("steps", { steps: [...this.#steps, ...parseTrail(chosen)] });
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** @param {string} label  @param {import("../core/presets.js").Offer[]} offers  @returns {HTMLElement|""} nothing when there is nothing to offer */
export function stepGroup(label, offers) {
  return offers.length === 0 ? "" : element("optgroup", { label }, ...offers.map(([steps, text]) => element("option", { value: formatTrail(steps) }, text)));
}

customElements.define("transform-bar", TransformBar);
