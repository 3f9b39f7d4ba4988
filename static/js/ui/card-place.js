/** The place of the selected frame's card, below the graph, and the button that opens it. */

import { element } from "./element.js";
import "./frame-card.js";

export class CardPlace {
  #card = element("frame-card");

  /**
   * @param {HTMLElement} place  @param {HTMLElement} button
   * @param {() => Parameters<import("./frame-card.js").FrameCard["show"]>|null} selection what the card is about; null: of nothing
   */
  constructor(place, button, selection) {
    Object.assign(this, { place, button, selection });
    place.append(this.#card);
  }

  toggle() {
    this.place.hidden = !this.place.hidden;
    this.button.setAttribute("aria-expanded", String(!this.place.hidden));
    this.show();
  }

  /** Another frame may be selected, or another tree shown. */
  show() {
    const shown = this.place.hidden ? null : this.selection();
    if (shown !== null) this.#card.show(...shown);
  }
}
