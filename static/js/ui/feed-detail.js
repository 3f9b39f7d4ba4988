/**
 * `<feed-detail>`: all of the selected event, and what can be done with its process. Events: `follow` {pid}, `filter` {name, text}.
 * Elsewhere than on the feed's own page `pageOf` makes the address of that for an event.
 */

import { wholeText } from "../core/feed-cells.js";
import { ownPid } from "../core/feed-follow.js";
import { element } from "./element.js";

export class FeedDetail extends HTMLElement {
  /** @param {{batch: object, row: number}|null} place  @param {import("../core/feed-wire.js").Field[]} fields  @param {{host: string, record: string|null, pageOf?: (place: object, pid: number) => string}} of */
  show(place, fields, { host, record, pageOf = null }) {
    this.hidden = place === null;
    if (place === null) return;
    const facts = fields.map((field) => this.#fact(field, place.batch.value(field, place.row)));
    const own = ownPid(fields);
    const pid = own ? place.batch.value(own, place.row) : 0;
    const verbs = pageOf ? this.#links(place, pid, pageOf) : pid ? [this.#follow(pid)] : [];
    this.replaceChildren(element("dl", {}, ...facts), element("p", { class: "feed-verbs" }, ...verbs, ...this.#profile(pid, host, record)));
  }

  #follow(pid) {
    return element("button", { type: "button", title: "Only what it and the processes that it starts do", onclick: () => this.#emit("follow", { pid }) }, `Follow process ${pid}`);
  }

  #links(place, pid, pageOf) {
    const link = (href, text) => element("a", { class: "button", href }, text);
    const here = link(pageOf(place, 0), "Open the feed at this time");
    return pid ? [here, link(pageOf(place, pid), `Follow process ${pid} there`)] : [here];
  }

  #profile(pid, host, record) {
    if (!pid) return [];
    const address = record && `${record}?${new URLSearchParams({ host, pid: String(pid) })}`;
    return address ? [element("a", { class: "button", href: address }, `Profile process ${pid}`)] : [];
  }

  #fact(field, value) {
    const text = element("bdi", { class: field.shows === "path" || field.shows === "command" ? "mono" : null }, wholeText(value, field) || "–");
    const exact = typeof value === "string" ? `=${value}` : String(value);
    const same = field.shows === "time" || value === null || value === "" ? null : element("button", { type: "button", class: "link", title: `Only events with this ${field.title}`, onclick: () => this.#emit("filter", { name: field.name, text: exact }) }, "only this");
    return element("div", {}, element("dt", {}, field.title), element("dd", {}, text, " ", same));
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define("feed-detail", FeedDetail);
