/** `<quality-line>`: whether the profile can be trusted, in one line; "why?" opens the causes. Set with `show`. */

import { count, share } from "../core/format.js";
import { causes, facts, verdict } from "../core/quality.js";
import { element } from "./element.js";

const SHAPES = { good: "●", warn: "▲", bad: "■" };

export class QualityLine extends HTMLElement {
  #line = element("ul", { class: "facts" });
  #panel = element("div", { class: "causes" });

  connectedCallback() {
    this.hidden = this.#panel.childElementCount === 0;
    this.replaceChildren(this.#line, element("details", {}, element("summary", {}, "why?"), this.#panel));
  }

  /** @param {import("../core/quality.js").Quality} quality  @param {number} durationNs of the recording, 0 when unknown */
  show(quality, durationNs) {
    this.hidden = false;
    const list = facts(quality, durationNs);
    const { state, word } = verdict(list);
    this.#line.replaceChildren(
      element("li", { class: `verdict ${state}`, title: "How far this profile can be trusted" }, mark(state), word),
      ...list.map((fact) => element("li", { class: fact.state, title: fact.title }, fact.state === "good" ? null : mark(fact.state), fact.text)),
    );
    const sections = causes(quality);
    this.#panel.replaceChildren(...(sections.length ? sections.map(table) : [element("p", {}, "Nothing was lost, cut short or left without a name.")]));
  }
}

function mark(state) {
  return element("span", { class: "mark", "aria-hidden": "true" }, SHAPES[state]);
}

function table({ title, rows }) {
  const body = rows.map(({ cause, n, of, help }) =>
    element("tr", {}, element("td", {}, element("bdi", {}, cause)), element("td", { class: "number" }, count(n)), element("td", { class: "number" }, of ? share(n, of) : ""), element("td", { class: "help" }, help)),
  );
  return element("table", {}, element("caption", {}, title), element("tbody", {}, ...body));
}

customElements.define("quality-line", QualityLine);
