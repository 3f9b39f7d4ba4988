/** Who has the place of the graph in a profile's view: the graph, another view of the profile, or a message. */

export class GraphPlace {
  #message = null;
  #panel = false;
  #held = false;

  /** @param {HTMLElement} view a <profile-view>  @param {HTMLElement} graph a <flame-graph>  @param {HTMLElement} crumbs the way to its zoomed frame */
  constructor(view, graph, crumbs) {
    Object.assign(this, { view, graph, crumbs });
  }

  /** @param {HTMLElement|null} message */
  stand(message) {
    this.#message?.remove();
    this.#message = message;
    this.#show();
    this.view.classList.toggle("without-graph", message !== null && !message.classList.contains("loading"));
    if (message) this.graph.parentElement.append(message);
  }

  /** @param {boolean} yes whether a table, a sandwich or the like is there */
  set panel(yes) {
    this.#panel = yes;
    this.#show();
  }

  /** Something above has a height that nobody knows before it is here. @param {Promise<void>|null} there */
  async holdFor(there) {
    this.#held = there !== null;
    await there;
    this.#held = false;
    this.#show();
  }

  #show() {
    // Until then what is around the graph is laid out unseen, but for a picture that is there already: nothing moves.
    const told = this.#message !== null && !this.#message.matches(".loading, .waiting");
    if (!this.#held && (this.graph.tree !== null || told)) this.view.classList.add("shown");
    this.graph.hidden = this.#message !== null || this.#panel;
    this.crumbs.hidden = this.#panel;
  }
}
