/** Which frame is being looked at: the one that is pointed at, else the selected one, else the zoomed one. */

import { NONE } from "../core/flame-view.js";

export class FlameInspector {
  #hovered = NONE;
  #pointer = null;
  #told = { tree: null, node: NONE, focus: 0 };

  /** @param {import("../core/flame-view.js").FlameView} state  @param {import("./flame-stage.js").FlameStage} stage  @param {(node: number) => void} tell */
  constructor(state, stage, tell) {
    Object.assign(this, { state, stage, tell });
  }

  get node() {
    if (this.#hovered !== NONE) return this.#hovered;
    return this.state.selected === NONE ? this.state.focus : this.state.selected;
  }

  /** @param {number|null} clientX null when the pointer left  @param {number} clientY */
  pointAt(clientX, clientY) {
    this.#pointer = clientX === null ? null : { clientX, clientY };
    this.follow();
  }

  /** What lies under the pointer may have changed. */
  follow() {
    const node = this.#pointer ? this.stage.nodeAt(this.#pointer.clientX, this.#pointer.clientY) : NONE;
    this.#hovered = node;
    this.stage.outline("hover", node);
    this.inspect();
  }

  /** One click moves zoom, selection and what lies under the pointer: tell only what is new. */
  inspect() {
    const { tree, focus } = this.state;
    const { node } = this;
    if (tree === null || (this.#told.tree === tree && this.#told.node === node && this.#told.focus === focus)) return;
    this.#told = { tree, node, focus };
    this.tell(node);
  }
}
