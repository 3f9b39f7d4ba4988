/** The explore page's questions to the server, one of each kind at a time: a newer one ends the one before. */

import { CPU, kindQuery, question } from "../core/explore-state.js";
import { refusal } from "./api.js";

/** A refusal in the server's words; `field` and `position` (of a character) say where, when they are about a selector. */
export class Refused extends Error {
  name = "Refused";

  constructor({ message, field = null, position = null }) {
    super(message);
    Object.assign(this, { field, position });
  }
}

export class ExploreApi {
  #running = new Map();
  #kind;

  /** @param {() => string} [kind] what the profiles are of that are asked for now */
  constructor(kind = () => CPU) {
    this.#kind = kind;
  }

  /**
   * @param {string} what below /api/v1/explore/  @param {string} query
   * @returns {Promise<object|null>} null when a newer question of the kind came meanwhile  @throws {Refused}
   */
  async ask(what, query) {
    this.#running.get(what)?.abort();
    const mine = new AbortController();
    this.#running.set(what, mine);
    try {
      return await answer(`/api/v1/explore/${what}?${query}${kindQuery(this.#kind())}`, mine.signal);
    } catch (error) {
      if (mine.signal.aborted) return null;
      throw error;
    }
  }

  /** Suggestions for a place in a selector. @param {import("../core/selector.js").Place} place  @param {{begin: number, end: number}} range */
  async suggest({ expects, label, typed, others }, range) {
    const asked = question(others, range);
    const found = expects === "name" ? await this.#quietly("labels", asked) : await this.#quietly("values", `${asked}&${new URLSearchParams({ label, prefix: typed })}`);
    if (found === null) return [];
    if (expects === "value") return found.values.map(({ value, profiles }) => ({ choice: value, note: `${profiles} ${profiles === 1 ? "profile" : "profiles"}` }));
    return found.labels.filter(({ name }) => name.startsWith(typed)).map(({ name, values }) => ({ choice: name, note: `${values} ${values === 1 ? "value" : "values"}` }));
  }

  /** Suggestions are a help: where there are none, typing goes on. */
  async #quietly(what, query) {
    try {
      return await this.ask(what, query);
    } catch (error) {
      if (error instanceof Refused) return null;
      throw error;
    }
  }
}

async function answer(url, signal) {
  let response;
  try {
    response = await fetch(url, { signal, headers: { Accept: "application/json" } });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Refused({ message: "The server did not answer. It may be down, or the network between. Try again." });
  }
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  throw new Refused({ message: refusal(text, response.status), ...located(text) });
}

function located(text) {
  try {
    const { field, position } = JSON.parse(text).error;
    return { field, position };
  } catch {
    return {};
  }
}
