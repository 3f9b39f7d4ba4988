/**
 * `<range-picker>`: how far back, or two moments. Property `range` ({last} or {begin, end} in Unix ms).
 * Event `choose` {range}.
 */

import { PRESETS, inputValue, resolve, zoneText } from "../core/time-range.js";
import { element } from "./element.js";
import { enhanceMenus } from "./menu.js";

export class RangePicker extends HTMLElement {
  #buttons = new Map();
  #begin = moment("From");
  #end = moment("To");
  #zone = element("p", { class: "dim" });
  #wrong = element("p", { class: "range-wrong", role: "alert", hidden: true });
  #menu;
  #custom = element("summary", {}, "Custom");

  connectedCallback() {
    if (this.#menu) return;
    for (const [last, text] of PRESETS) {
      this.#buttons.set(last, element("button", { type: "button", title: `The last ${text}`, onclick: () => this.#choose({ last }) }, text));
    }
    const form = element(
      "form",
      { class: "menu-list range-form", onsubmit: (event) => this.#submit(event) },
      element("label", {}, "From ", this.#begin),
      element("label", {}, "To ", this.#end),
      this.#zone,
      this.#wrong,
      element("button", { type: "submit", class: "primary" }, "Show"),
    );
    this.#menu = element("details", { class: "menu", "data-menu": "" }, this.#custom, form);
    this.append(element("div", { class: "segments", role: "group", "aria-label": "Range back from now" }, ...this.#buttons.values()), this.#menu);
    enhanceMenus(this);
  }

  /** @param {{last?: string, begin?: number, end?: number}} range */
  set range(range) {
    for (const [last, button] of this.#buttons) button.setAttribute("aria-pressed", String(last === range.last));
    this.#custom.setAttribute("aria-current", String(range.last === undefined));
    const { begin, end } = resolve(range, Date.now());
    this.#begin.value = inputValue(begin);
    this.#end.value = inputValue(end);
    this.#zone.textContent = `Your clock: ${zoneText(begin)}, ${Intl.DateTimeFormat().resolvedOptions().timeZone}`;
    this.#wrong.hidden = true;
  }

  #submit(event) {
    event.preventDefault();
    const range = { begin: new Date(this.#begin.value).getTime(), end: new Date(this.#end.value).getTime() };
    this.#wrong.hidden = range.end > range.begin;
    this.#wrong.textContent = "The end must come after the beginning.";
    if (!this.#wrong.hidden) return;
    this.#menu.open = false;
    this.#choose(range);
  }

  #choose(range) {
    this.dispatchEvent(new CustomEvent("choose", { detail: { range } }));
  }
}

function moment(label) {
  return element("input", { type: "datetime-local", step: "1", required: true, "aria-label": label });
}

customElements.define("range-picker", RangePicker);
