/** The events of a chosen part of the time: rows of one of the feeds that have lanes, and what is not held of them. */

import { RowsOfPart } from "../core/event-ticks.js";
import { heldWords } from "../core/event-words.js";
import { parseFilter } from "../core/feed-filter.js";
import { FeedRows } from "../core/feed-rows.js";
import { formatState, parseState } from "../core/feed-state.js";
import { count } from "../core/format.js";
import { element } from "./element.js";
import "./feed-detail.js";
import "./feed-table.js";

export class PartEvents {
  #now;
  #choose;
  #watched = null;
  #part = null;
  #rows = new FeedRows();
  #filters = {};
  #sort = { field: null, reversed: false };
  #drawn = "";
  #events = 0;
  #tabs = element("div", { class: "segments", role: "group", "aria-label": "Feed" });
  #held = element("p", { class: "dim part-held", role: "status" });
  #table = element("feed-table");
  #detail = element("feed-detail", { hidden: true });

  /** @param {HTMLElement} place  @param {{host: string, record: string|null}} now  @param {(feed: string) => void} choose another feed */
  constructor(place, now, choose) {
    this.#now = now;
    this.#choose = choose;
    place.replaceChildren(element("div", { class: "section-head" }, element("h3", {}, "Events in this part"), this.#tabs), this.#held, element("div", { class: "feed-place" }, this.#table), this.#detail);
    const on = (source, name, act) => source.addEventListener(name, ({ detail }) => act(detail));
    on(this.#table, "filter", ({ name, text }) => this.#filter(name, text));
    on(this.#detail, "filter", ({ name, text }) => {
      this.#filter(name, text);
      this.#table.setFilters(this.#filters);
    });
    on(this.#table, "sort", ({ field }) => this.#sortBy(field));
    on(this.#table, "pick", ({ index }) => this.#showDetail(index));
  }

  /**
   * @param {{begin: number, end: number}} part  @param {import("./watched-feed.js").WatchedFeed[]} feeds at least one  @param {string} feed the one whose rows are shown
   * @param {number|null} at a moment whose nearest event is picked
   */
  show(part, feeds, feed, at = null) {
    const watched = feeds.find(({ probe }) => probe === feed) ?? feeds[0];
    const state = `${watched.probe} ${part.begin} ${part.end} ${watched.record.batches(part).map(({ length }) => length)}`;
    if (watched !== this.#watched) this.#begin(watched);
    this.#showTabs(feeds);
    this.#part = part;
    // What is picked stays while nothing of the part comes.
    if (state !== this.#drawn) this.#fill();
    this.#drawn = state;
    this.#tellHeld();
    this.#table.parentElement.hidden = this.#events === 0;
    if (at !== null && this.#rows.length > 0) this.#pick(at);
  }

  #begin(watched) {
    this.#watched = watched;
    this.#sort = { field: null, reversed: false };
    this.#filters = parseState(location.search, watched.fields).filters;
    this.#table.showColumns(watched.fields, this.#filters);
    this.#table.markSorted("", false);
  }

  /** Made anew only for other feeds: a button that is pressed must not go away under the finger. */
  #showTabs(feeds) {
    const probes = feeds.map(({ probe }) => probe);
    const same = this.#tabs.children.length === probes.length && probes.every((probe, i) => this.#tabs.children[i].dataset.feed === probe);
    for (const button of same ? this.#tabs.children : []) button.setAttribute("aria-pressed", String(button.dataset.feed === this.#watched.probe));
    if (same) return;
    this.#tabs.replaceChildren(...feeds.map(({ probe, title }) => element("button", { type: "button", "data-feed": probe, "aria-pressed": String(probe === this.#watched.probe), onclick: () => this.#choose(probe) }, title)));
  }

  #fill() {
    const { record, time, fields } = this.#watched;
    const inPart = new RowsOfPart(this.#part, time);
    const batches = record.batches(this.#part);
    const parsed = fields.map((field) => ({ field, ...parseFilter(this.#filters[field.name] ?? "", field.shows) }));
    this.#rows.fill(batches, parsed.filter(({ test }) => test !== null), inPart);
    this.#rows.sort(this.#sort.field, this.#sort.reversed);
    this.#table.unpick();
    this.#table.show(this.#rows);
    this.#showDetail(-1);
    this.#events = batches.reduce((sum, batch) => sum + inPart.rowsOf(batch).length, 0);
  }

  #tellHeld() {
    const { record, cut, tail } = this.#watched;
    const told = heldWords({ events: this.#events, known: record.known(this.#part, tail), part: this.#part, letGo: record.letGo, cut });
    const text = `${told.join(". ")}.${this.#rows.length < this.#events ? ` ${count(this.#rows.length)} fit the filters.` : ""}`;
    if (this.#held.textContent !== text) this.#held.textContent = text;
  }

  #filter(name, text) {
    this.#filters = { ...this.#filters, [name]: text };
    const state = { filters: this.#filters, hidden: [], pid: null };
    history.replaceState(history.state, "", location.pathname + formatState(state, location.search) + location.hash);
    this.#fill();
    this.#tellHeld();
  }

  #sortBy(field) {
    const again = this.#sort.field === field;
    this.#sort = again && this.#sort.reversed ? { field: null, reversed: false } : { field, reversed: again };
    this.#table.markSorted(this.#sort.field?.name ?? "", this.#sort.reversed);
    this.#fill();
  }

  /** The event that was pressed. */
  #pick(ms) {
    const { time } = this.#watched;
    const away = (index) => {
      const { batch, row } = this.#rows.at(index);
      return Math.abs(batch.value(time, row) - ms);
    };
    let best = 0;
    for (let i = 1; i < this.#rows.length; i++) if (away(i) < away(best)) best = i;
    this.#table.reveal(best);
  }

  #showDetail(index) {
    const { host, record } = this.#now;
    this.#detail.show(index < 0 ? null : this.#rows.at(index), this.#watched.fields, { host, record, pageOf: (place, pid) => this.#pageOf(place, pid) });
  }

  #pageOf({ batch, row }, pid) {
    const query = new URLSearchParams({ "at-time": new Date(batch.value(this.#watched.time, row)).toISOString() });
    if (pid) query.set("of-process", String(pid));
    return `/hosts/${encodeURIComponent(this.#now.host)}/feeds/${this.#watched.probe}/?${query}`;
  }
}
