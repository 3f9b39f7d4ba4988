/** `<tab-list>`: which part of the explore page is shown. Arrow keys move. Event `choose` {tab}. */

import { element } from "./element.js";

const TABS = [
  ["graph", "Flame graph"],
  ["functions", "Functions over time"],
  ["changes", "Changes"],
];

export class TabList extends HTMLElement {
  #tabs = new Map();

  connectedCallback() {
    if (this.#tabs.size) return;
    this.setAttribute("role", "tablist");
    this.setAttribute("aria-label", "What is shown of the selection");
    for (const [tab, text] of TABS) {
      this.#tabs.set(tab, element("button", { type: "button", id: `tab-${tab}`, role: "tab", "aria-controls": `panel-${tab}`, onclick: () => this.#choose(tab), onkeydown: (event) => this.#key(tab, event) }, text));
    }
    this.append(...this.#tabs.values());
  }

  /** @param {string} chosen  @param {boolean} twoSides whether there are changes to show */
  show(chosen, twoSides) {
    this.#tabs.get("changes").hidden = !twoSides;
    for (const [tab, button] of this.#tabs) {
      button.setAttribute("aria-selected", String(tab === chosen));
      button.tabIndex = tab === chosen ? 0 : -1;
    }
  }

  #key(tab, event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const there = [...this.#tabs.keys()].filter((name) => !this.#tabs.get(name).hidden);
    const next = there[(there.indexOf(tab) + step + there.length) % there.length];
    this.#choose(next);
    this.#tabs.get(next).focus();
  }

  #choose(tab) {
    this.dispatchEvent(new CustomEvent("choose", { detail: { tab } }));
  }
}

customElements.define("tab-list", TabList);
