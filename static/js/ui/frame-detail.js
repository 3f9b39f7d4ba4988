/** `<frame-detail>`: what is known of the frame pointed at or selected, below the graph and never over it. */

import { details } from "../core/describe.js";
import { diffDetails } from "../core/diff-words.js";
import { swatch } from "../core/colors.js";
import { element } from "./element.js";
import { currentTheme } from "./theme.js";

export class FrameDetail extends HTMLElement {
  #swatch = element("span", { class: "swatch", "aria-hidden": "true" });
  #name = element("bdi", { class: "name" });
  #origin = element("bdi", { class: "origin" });
  #numbers = element("dl");
  #note = element("p", { class: "note" });

  connectedCallback() {
    this.replaceChildren(element("p", { class: "what" }, this.#swatch, this.#name, this.#origin), this.#numbers, this.#note);
  }

  /** @param {import("../core/tree.js").Tree} tree  @param {number} node  @param {number} focus the zoomed frame */
  show(tree, node, focus) {
    this.#swatch.hidden = Boolean(tree.diff);
    if (tree.diff) this.#showSides(diffDetails(tree, node));
    else this.#showOne(tree, node, focus);
  }

  #showSides(d) {
    this.#name.textContent = this.#name.title = d.name;
    this.#origin.textContent = this.#origin.title = d.origin;
    this.#numbers.replaceChildren(
      number("change", d.change, d.verdict, "of the frame and what it called"),
      number("self", d.own, "", "in the frame itself"),
      number("A", d.a[0], d.a[1], "of everything in A"),
      number("B", d.b[0], d.b[1], "of everything in B"),
    );
    this.#note.textContent = d.cut;
  }

  #showOne(tree, node, focus) {
    const d = details(tree, node, focus);
    const { kind } = tree.frameOf(node);
    this.#swatch.style.background = swatch(kind, currentTheme());
    this.#name.textContent = this.#name.title = d.name;
    this.#origin.textContent = this.#origin.title = [d.origin, d.kind].filter(Boolean).join(" · ");
    this.#numbers.replaceChildren(
      number("total", d.ofAll, `${d.total} ${d.time}`, "of everything in this profile"),
      number("self", d.selfOfAll, d.self, "in the frame itself, of everything in this profile"),
      ...(d.ofZoom ? [number("of zoomed", d.ofZoom, "", "of the zoomed frame")] : []),
    );
    this.#note.textContent = d.cut;
  }
}

function number(term, percent, exact, title) {
  return element("div", { title: `${percent} ${title}` }, element("dt", {}, term), element("dd", {}, element("strong", {}, percent), ` ${exact}`));
}

customElements.define("frame-detail", FrameDetail);
