/** The whole of a tree of which the page has a part: asked by questions, and fetched by a worker with the first of them. */

import { Tree } from "../core/tree.js";

export class WholeTree {
  /** The page's part, without steps. Once the whole is there, over all of its frames: other steps and parts have others. */
  base = null;
  #analyst = null;
  #opening = null;

  /** @param {Tree} tree what is asked about from now on; `source` is where the whole of a part is */
  set(tree) {
    if (this.base?.family === tree.family) return;
    this.base = tree;
    this.#opening = null;
  }

  /** @returns {Promise<Tree>} the base, once all questions can be answered; rejected when the whole can't be had */
  open() {
    this.#opening ??= this.#open(this.base).catch((error) => {
      this.#opening = null;
      this.stop();
      throw error;
    });
    return this.#opening;
  }

  /** Questions of core/answers.js. @returns {Promise<any>} */
  async ask(...question) {
    await this.open();
    return this.#analyst.ask(...question);
  }

  stop() {
    this.#analyst?.stop();
  }

  /** Who answers is loaded with the first question: most profiles are opened, read and left. */
  async #open(tree) {
    const { Analyst } = await import("./analyst.js");
    this.#analyst ??= new Analyst();
    this.#analyst.setTree(tree);
    if (!tree.partial) return tree;
    const { strings, columns, shape, nodes } = await this.#analyst.ask("open");
    const header = { ...tree.header, strings, nodes: shape.depth.length };
    // The server made its part when the profile was stored, and may build trees in another way since.
    const family = nodes === tree.header.whole_nodes ? tree.family : {};
    const { source } = tree;
    return (this.base = Object.assign(new Tree({ header, columns: { ...columns, ...shape } }), { family, source }));
  }
}
