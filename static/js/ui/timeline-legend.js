/**
 * `<timeline-legend>`: what the colours of the timeline are. A value that is pressed is all that is looked at; pressed
 * again it is one of all. The rest opens as a list of every value: none is out of reach.
 * Events: `focus-value` {value} ("" lets go), `rest` when the list of all values is wanted.
 */

import { amount, count, share } from "../core/format.js";
import { printable } from "../core/labels.js";
import { svg } from "../render/svg.js";
import { element } from "./element.js";

export class TimelineLegend extends HTMLElement {
  #unit = "";
  #list = element("ul");
  #filter = element("input", { type: "search", placeholder: "Find a value", "aria-label": "Find a value", oninput: () => this.#emit("rest", { prefix: this.#filter.value }) });
  #more = element("p", { class: "dim", role: "status" });
  #all = element("ul", { class: "all-values" });
  #dialog = element("dialog", { "aria-label": "All values" });

  connectedCallback() {
    if (this.#list.isConnected) return;
    const close = element("button", { type: "button", class: "icon", "aria-label": "Close", onclick: () => this.#dialog.close() }, "✕");
    this.#dialog.append(element("div", { class: "dialog-head" }, element("h2", {}, "All values"), close), element("div", { class: "dialog-body" }, this.#filter, this.#all, this.#more));
    this.append(this.#list, this.#dialog);
  }

  /**
   * @param {import("../core/timeline.js").Layer[]} layers  @param {string} focused the only value that is looked at, or ""
   * @param {string} label  @param {string} unit of the layers' totals
   */
  show(layers, focused, label, unit) {
    this.#unit = unit;
    const whole = layers.reduce((sum, { total }) => sum + total, 0);
    const items = layers.map((layer) => element("li", {}, layer.name === "" ? this.#rest(layer, whole) : this.#value(layer, whole, focused)));
    if (focused) items.push(element("li", {}, element("button", { type: "button", class: "quiet", onclick: () => this.#emit("focus-value", { value: "" }) }, `Every ${label}`)));
    this.#list.replaceChildren(...items);
  }

  /** The values of the list. @param {{value: string, profiles: number, total: number}[]} values  @param {number} more that don't fit */
  list(values, more) {
    this.#all.replaceChildren(...values.map(({ value, profiles, total }) => {
      const pick = element("button", { type: "button", class: "link", onclick: () => this.#pick(value) }, element("bdi", {}, printable(value)));
      return element("li", {}, pick, element("span", { class: "dim" }, `${amount(total, this.#unit)} · ${count(profiles)} profiles`));
    }));
    this.#more.textContent = more ? `and ${count(more)} more: type a part of the name` : values.length ? "" : "No value holds that.";
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  #pick(value) {
    this.#dialog.close();
    this.#emit("focus-value", { value });
  }

  #value({ name, tone, total }, whole, focused) {
    const pressed = focused === name;
    const button = element("button", { type: "button", "aria-pressed": String(pressed), title: pressed ? "Look at all values again" : `Look at ${printable(name)} only`, onclick: () => this.#emit("focus-value", { value: pressed ? "" : name }) });
    button.append(swatch(tone), element("bdi", {}, printable(name)), element("span", { class: "dim" }, share(total, whole)));
    return button;
  }

  #rest({ tone, groups, total }, whole) {
    const open = () => {
      this.#filter.value = "";
      this.#emit("rest", { prefix: "" });
    };
    const button = element("button", { type: "button", title: "Open the list of all values", "aria-haspopup": "dialog", onclick: open });
    button.append(swatch(tone), element("span", {}, `${count(groups)} others ▸`), element("span", { class: "dim" }, share(total, whole)));
    return button;
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

function swatch(tone) {
  return svg("svg", { viewBox: "0 0 1 1", "aria-hidden": "true" }, svg("rect", { class: `tone-${tone}`, width: 1, height: 1 }));
}

customElements.define("timeline-legend", TimelineLegend);
