/**
 * Asks about a tree without stopping the page: big trees are worked on in a worker, started with the first question. Of
 * a tree that is a part, the worker fetches the whole.
 */

import { Answers } from "../core/answers.js";
import { WHOLE_NODES } from "../core/part.js";
import { startWorker } from "./worker-start.js";

export class Analyst {
  #tree = null;
  #inline = null;
  #worker = null;
  #waiting = new Map();
  #asked = 0;

  /** @param {number} [here] nodes of a tree that is worked on in the page itself */
  constructor(here = WHOLE_NODES) {
    this.here = here;
  }

  /** @param {import("../core/tree.js").Tree} tree what is asked about from now on; `source` is where the whole of a part is, or `{packed}` of it (core/unpack.js) */
  setTree(tree) {
    if (this.#tree !== null && tree.family === this.#tree.family) return;
    this.stop();
    this.#tree = tree;
  }

  /** Questions of core/answers.js. @param {string} ask  @returns {Promise<any>} */
  async ask(ask, ...about) {
    if (!this.#tree.partial && this.#tree.length <= this.here) {
      this.#inline ??= new Answers(messageOf(this.#tree), this.#tree.diff);
      return this.#inline[ask](...about);
    }
    this.#worker ??= this.#start();
    const id = ++this.#asked;
    this.#worker.postMessage({ id, ask, about });
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** Frees the memory; questions that wait are never answered: nobody looks at that tree any more. */
  stop() {
    this.#worker?.terminate();
    this.#worker = this.#inline = null;
    this.#waiting.clear();
  }

  #start() {
    const worker = startWorker();
    worker.addEventListener("message", ({ data: { id, answer, error } }) => {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) reject(new Error(error));
      else resolve(answer);
    });
    const { diff, partial, source } = this.#tree;
    const sides = diff && { change: diff.change, swapped: diff.swapped };
    worker.postMessage(partial ? wholeOf(source) : { message: messageOf(this.#tree), sides });
    return worker;
  }
}

function wholeOf(source) {
  return typeof source === "string" ? { url: source } : source;
}

/** As it was decoded: of two sides before they were combined. */
function messageOf({ diff, message, header, columns }) {
  return diff ? { header: message.header, columns: message.columns } : { header, columns };
}
