/**
 * `<compare-bar>`: what the part that is looked at (side B) is compared with (side A).
 *
 * Property `suggest` as `<selector-box>` has it. Event `choose` with what changes in the page's state.
 */

import { value } from "../core/format.js";
import { baseOf, inputValue, rangeText } from "../core/time-range.js";
import { element } from "./element.js";
import "./selector-box.js";

const CHOICES = [
  ["", "nothing"],
  ["previous", "the period before"],
  ["day", "the same time the day before"],
  ["week", "the same time a week before"],
  ["range", "another range…"],
  ["labels", "other labels…"],
];

export class CompareBar extends HTMLElement {
  #select = element("select", { onchange: () => this.#choose() }, ...CHOICES.map(([value, text]) => element("option", { value }, text)));
  #begin = element("input", { type: "datetime-local", step: "1", "aria-label": "Begin of side A", onchange: () => this.#chooseRange() });
  #end = element("input", { type: "datetime-local", step: "1", "aria-label": "End of side A", onchange: () => this.#chooseRange() });
  #range = element("span", { class: "compare-range", hidden: true }, this.#begin, " – ", this.#end);
  #labels = element("selector-box", { "data-label": "Selector of side A", hidden: true });
  #swap = element("button", { type: "button", title: "Look from the other side", onclick: () => this.#emit({ swap: !this.#state.swap }) }, "⇄ Swap");
  #sides = element("p", { class: "sides" });
  #part = null;
  #state = null;

  connectedCallback() {
    if (this.#select.isConnected) return;
    this.append(element("label", {}, "Compare with ", this.#select), this.#range, this.#labels, this.#swap, this.#sides);
    this.#labels.addEventListener("choose", ({ detail }) => this.#emit({ vs: "labels", vsSelector: detail.selector }));
  }

  set suggest(suggest) {
    this.#labels.suggest = suggest;
  }

  /** @param {import("../core/explore-state.js").ExploreState} state  @param {{begin: number, end: number}} part  @param {{begin: number, end: number}|null} base */
  show(state, part, base) {
    this.#state = state;
    this.#part = part;
    this.#select.value = state.vs;
    this.#range.hidden = state.vs !== "range";
    this.#labels.hidden = state.vs !== "labels";
    this.#swap.hidden = state.vs === "";
    this.#swap.setAttribute("aria-pressed", String(state.swap));
    this.#labels.value = state.vsSelector;
    if (base) [this.#begin.value, this.#end.value] = [inputValue(base.begin), inputValue(base.end)];
    this.#sides.hidden = state.vs === "";
    this.classList.toggle("comparing", state.vs !== "");
  }

  /** What both sides hold, once they are there. @param {import("../core/tree.js").Tree|null} tree */
  tell(tree) {
    const { diff } = tree ?? {};
    const { vs, swap, selector, vsSelector } = this.#state;
    const names = vs === "labels" ? [vsSelector || "everything", selector || "everything"] : null;
    const side = (letter, { range, sum }, name) => element("span", { class: "side" }, element("strong", {}, letter), ` ${name ?? rangeText(range)} `, element("span", { class: "dim" }, value(sum, diff.unit)));
    this.#sides.replaceChildren(...(diff ? [side("A", diff.a, names?.[swap ? 1 : 0]), " → ", side("B", diff.b, names?.[swap ? 0 : 1])] : []));
  }

  /** @param {string} message  @param {number|null} position about side A's selector */
  showError(message, position) {
    this.#labels.showError(message, position);
  }

  #choose() {
    const vs = this.#select.value;
    if (vs === "range") this.#emit({ vs, vsRange: baseOf("previous", this.#part) });
    else if (vs === "labels") this.#emit({ vs, vsSelector: this.#state.vsSelector || this.#state.selector });
    else this.#emit({ vs });
  }

  #chooseRange() {
    const vsRange = { begin: new Date(this.#begin.value).getTime(), end: new Date(this.#end.value).getTime() };
    if (vsRange.end > vsRange.begin) this.#emit({ vs: "range", vsRange });
  }

  #emit(change) {
    this.dispatchEvent(new CustomEvent("choose", { detail: change }));
  }
}

customElements.define("compare-bar", CompareBar);
