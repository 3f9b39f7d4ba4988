/** Counts and steps through matches of which the page's part of a tree has only the wide ones. */

export class WholeSearch {
  #asked = null;
  #answered = { key: "", count: 0, value: 0, terms: [] };
  #at = { key: "", index: -1 };

  /**
   * @param {() => string} key what is searched: query and steps
   * @param {(question: string, ...about: any[]) => Promise<any>} ask  about the tree after the steps
   */
  constructor(key, ask) {
    Object.assign(this, { key, ask });
  }

  /**
   * @param {{query: string}} found a `searchresult` of the part
   * @returns {Promise<object|null>} the same of the whole; null when another search was begun meanwhile
   */
  async complete(found) {
    const key = this.key();
    const asked = (this.#asked = {});
    if (this.#answered.key !== key) this.#answered = { key, ...(await this.ask("count", found.query)) };
    if (asked !== this.#asked) return null;
    const { count, value, terms } = this.#answered;
    return { ...found, count, value, terms, number: this.#at.key === key ? this.#at.index + 1 : 0 };
  }

  /** @param {1|-1} step  @param {string} query  @returns {Promise<{found: import("../core/answers.js").Found, number: number}|null>} */
  async step(step, query) {
    const key = this.key();
    const { count } = (await this.complete({ query })) ?? this.#answered;
    if (count === 0) return null;
    const before = this.#at.key === key ? this.#at.index : step > 0 ? -1 : 0;
    this.#at = { key, index: (before + step + count) % count };
    return { found: await this.ask("matchAt", query, this.#at.index), number: this.#at.index + 1 };
  }
}
