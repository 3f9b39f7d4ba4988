/** Where a profile's tree comes from: its URL for what the state asks, and one load at a time. */

import { nodeOf } from "../core/path.js";
import { SKELETON_AFTER_MS, loading } from "./profile-message.js";
import { loadTree, LoadError } from "./tree-loader.js";
import { treeUrl } from "./tree-url.js";

export class ProfileSource {
  #loading = null;
  #asked = null;
  #depths = null;

  /** @param {HTMLElement} view a <profile-view>  @param {(waiting: HTMLElement) => void} wait shows what stands in the graph's place */
  constructor(view, wait) {
    Object.assign(this, { view, wait });
  }

  stop() {
    this.#loading?.abort();
  }

  /** Whether it can be asked for another grouping or other stacks: there is a server, and not only a saved file. */
  get asks() {
    return this.view.hasAttribute("src") && !this.#saved;
  }

  /** The tree lies in the page. */
  get #saved() {
    return this.view.getAttribute("src").startsWith("#");
  }

  /** @param {import("../core/viewstate.js").ViewState} state */
  url(state) {
    const src = this.view.getAttribute("src");
    return this.#saved ? src : treeUrl(src, state);
  }

  /** Whether what was loaded last is not what the state asks for. */
  behind(state) {
    return this.view.hasAttribute("src") && this.#asked !== this.url(state);
  }

  /**
   * @param {import("../core/viewstate.js").ViewState} state  @param {object} sides core/diff.js
   * @returns {Promise<import("../core/tree.js").Tree|LoadError|null>} null when another load was begun meanwhile
   */
  async load(state, sides) {
    this.stop();
    const loader = (this.#loading = new AbortController());
    const url = (this.#asked = this.url(state));
    const waiting = loading();
    const skeleton = setTimeout(() => this.wait(waiting.node), SKELETON_AFTER_MS);
    try {
      if (this.#saved) return await (await import("./saved-tree.js")).savedTree(sides);
      const tree = await loadTree(this.#first(url), waiting.progress, loader.signal, sides);
      return Object.assign(tree, { source: url });
    } catch (error) {
      if (loader.signal.aborted) return null;
      if (!(error instanceof LoadError)) throw error;
      return error;
    } finally {
      clearTimeout(skeleton);
    }
  }

  /**
   * What was cut below a frame is fetched, where the source has it. @param {import("../core/tree.js").Tree} tree  @param {string} zoom path; after
   * steps it may lead nowhere in the tree without them
   * @param {import("../core/viewstate.js").ViewState} state  @param {object} sides  @param {(whole: import("../core/tree.js").Tree) => void} show
   */
  async deepen(tree, zoom, state, sides, show) {
    if (!this.view.hasAttribute("deepens")) return;
    const node = nodeOf(tree, zoom);
    if (node <= 0) return;
    const { Depths } = await import("./tree-depths.js");
    this.#depths ??= new Depths();
    await this.#depths.fill(tree, node, this.url(state), sides, show);
  }

  /** Of a stored profile what can be seen comes first (profiler/core/overview.py); a source that `deepens` has its own way. */
  #first(url) {
    if (this.view.hasAttribute("deepens")) return url;
    const first = new URL(url);
    first.searchParams.set("detail", "overview");
    return first.href;
  }
}
