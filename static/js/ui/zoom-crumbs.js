/** `<zoom-crumbs>`: the way from the root to the zoomed frame. Event `pick` {node}. */

import { printable } from "../core/labels.js";
import { element } from "./element.js";

/** Deeper ways show their beginning and their end. */
const MAX_CRUMBS = 12;
const HEAD_CRUMBS = 3;

export class ZoomCrumbs extends HTMLElement {
  #list = element("ol");

  connectedCallback() {
    this.setAttribute("role", "navigation");
    this.setAttribute("aria-label", "Zoomed frame");
    this.replaceChildren(this.#list);
  }

  /** @param {import("../core/tree.js").Tree} tree  @param {number} focus */
  show(tree, focus) {
    const path = tree.ancestry(focus);
    const hidden = Math.max(0, path.length - MAX_CRUMBS);
    const crumb = (node) => element("li", {}, this.#button(tree, node, node === focus));
    const crumbs = path.map((node, i) => (hidden && i >= HEAD_CRUMBS && i < HEAD_CRUMBS + hidden ? null : crumb(node)));
    if (hidden) crumbs[HEAD_CRUMBS] = element("li", { class: "gap", title: `${hidden} more frames` }, "…");
    this.#list.replaceChildren(...crumbs.filter((item) => item !== null));
    if (path.length > 1) this.#list.scrollLeft = this.#list.scrollWidth;
  }

  #button(tree, node, current) {
    const name = node === 0 ? "all" : printable(tree.name(node));
    const pick = () => this.dispatchEvent(new CustomEvent("pick", { detail: { node } }));
    return element("button", { type: "button", title: name, onclick: pick, "aria-current": current && "location" }, element("bdi", {}, name));
  }
}

customElements.define("zoom-crumbs", ZoomCrumbs);
