/** The place of the heat map above a profile's graph: `<profile-moments>` is loaded when it is first opened. */

import { element } from "./element.js";

export class MomentsPlace {
  element = element("div", { class: "moments-place", hidden: true });
  #shown = null;
  #state = null;

  /**
   * @param {HTMLElement} host a <profile-view>; its `moments-url` tells when samples were taken
   * @param {HTMLElement} graph a <flame-graph>  @param {HTMLElement} bar a <transform-bar>
   * @param {(change: object, how: string) => void} change
   */
  constructor(host, graph, bar, change) {
    Object.assign(this, { host, graph, bar, change });
    graph.addEventListener("select", () => this.#state && this.show(this.#state));
    bar.addEventListener("heat", ({ detail: { heat } }) => change({ heat }, "replace"));
  }

  /** Whether there is anything to open. */
  get offered() {
    return this.host.hasAttribute("moments-url");
  }

  /** @param {object} state */
  async show(state) {
    this.#state = state;
    this.bar.showHeat(this.offered, state.heat);
    this.element.hidden = !this.offered || state.heat === "";
    if (this.element.hidden) return;
    const { tree, selectedNode } = this.graph;
    const name = tree !== null && selectedNode > 0 ? tree.name(selectedNode) : "";
    // Never asked for again: an import of what is there takes a turn too, and a key pressed meanwhile would meet the state before.
    if (this.#shown === null) await import("./profile-moments.js");
    this.#shown ??= this.#made();
    this.#shown.show(this.#state, this.host.getAttribute("moments-url"), name);
  }

  #made() {
    const made = element("profile-moments");
    made.addEventListener("choose", ({ detail }) => this.change(detail.change, detail.how));
    this.element.append(made);
    return made;
  }
}
