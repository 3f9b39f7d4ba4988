/** A feed that is watched for its lane: the probe runs on the host as long as this is open. */

import { EventCounts } from "../core/event-lane.js";
import { decodeEvents } from "../core/feed-wire.js";
import { LiveSocket } from "./socket.js";

export class WatchedEvents {
  counts = new EventCounts();
  #socket;
  #taken = 0;

  /** @param {string} host  @param {{probe: string, title: string, at: string}} feed `at`: its column of times  @param {(trouble: string) => void} changed */
  constructor(host, { probe, title, at }, changed) {
    this.probe = probe;
    this.title = title;
    this.#socket = new LiveSocket(`/ws/hosts/${encodeURIComponent(host)}/feeds/${probe}/`, {
      onJson: (told) => changed(troubleOf(told)),
      onBinary: (buffer) => {
        this.counts.take(decodeEvents(buffer), at);
        this.#socket.send({ taken: ++this.#taken });
        changed(null);
      },
      onConnection: (connected) => (this.#taken = connected ? 0 : this.#taken),
    });
  }

  close() {
    this.#socket.close();
  }
}

/** What is in the way, "" when nothing is, null when that is not what was told. */
function troubleOf({ type, state, message }) {
  if (type === "feed.refused") return message;
  if (type !== "feed.state") return null;
  return state === "running" || state === "starting" ? "" : message || "the feed does not run";
}
