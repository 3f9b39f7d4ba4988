/**
 * Keeps the view state in the page's URL. Zooming and grouping add an entry, so that Back undoes them; typing, direction
 * and colours replace it.
 */

import { format, parse } from "../core/viewstate.js";

export class ViewHistory {
  /** @param {(state: import("../core/viewstate.js").ViewState) => void} onNavigate Back or Forward was used */
  constructor(onNavigate) {
    this.state = parse(location.search);
    this.onNavigate = onNavigate;
    this.listen = () => {
      this.state = parse(location.search);
      this.onNavigate(this.state);
    };
    addEventListener("popstate", this.listen);
  }

  stop() {
    removeEventListener("popstate", this.listen);
  }

  /** Steps of ours that Back would undo before it leaves the page. */
  get steps() {
    return history.state?.viewSteps ?? 0;
  }

  /** @param {Partial<import("../core/viewstate.js").ViewState>} change */
  push(change) {
    if (this.#merge(change)) history.pushState({ viewSteps: this.steps + 1 }, "", this.#url());
  }

  /** @param {Partial<import("../core/viewstate.js").ViewState>} change */
  replace(change) {
    if (this.#merge(change)) history.replaceState(history.state, "", this.#url());
  }

  #merge(change) {
    const changed = Object.entries(change).some(([name, value]) => this.state[name] !== value);
    this.state = { ...this.state, ...change };
    return changed;
  }

  #url() {
    return location.pathname + format(this.state, location.search) + location.hash;
  }
}
