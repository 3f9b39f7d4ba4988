/** The place of the heat map above a profile's graph: `<profile-moments>` is loaded when it is first opened. */

import { element } from "./element.js";
import { failed, told } from "./profile-message.js";

export class MomentsPlace {
  element = element("div", { class: "moments-place", hidden: true });
  #shown = null;
  #state = null;
  #failed = null;
  #came = null;
  /** Until the lanes that the address asks for are here, or why they are not: as many rows as there are threads. @type {Promise<void>|null} */
  coming = null;

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
    if (this.#shown === null && state.heat !== "offset") this.coming ??= new Promise((come) => (this.#came = come));
    const { tree, selectedNode } = this.graph;
    const name = tree !== null && selectedNode > 0 ? tree.name(selectedNode) : "";
    // Never asked for again: an import of what is there takes a turn too, and a key pressed meanwhile would meet the state before.
    if (this.#shown === null && !(await this.#loaded())) return;
    this.#shown ??= this.#made();
    this.#shown.show(this.#state, this.host.getAttribute("moments-url"), name);
  }

  /** @returns {Promise<boolean>} whether the heat map's module is here; else its place says why */
  async #loaded() {
    this.#failed?.remove();
    try {
      await import("./profile-moments.js");
      return true;
    } catch (error) {
      this.#failed = failed({ message: "The heat map can't be shown", advice: told(error), again: true }, () => this.show(this.#state));
      this.element.replaceChildren(this.#failed);
      this.#came?.();
      return false;
    }
  }

  #made() {
    const made = element("profile-moments");
    made.addEventListener("answered", () => this.#came?.());
    made.addEventListener("choose", ({ detail }) => this.change(detail.change, detail.how));
    this.element.append(made);
    return made;
  }
}
