/** One process and what it starts: a set of pids that grows with the events that show parent and child. */

/** @typedef {import("./feed-wire.js").Field} Field */

export class FollowedProcess {
  #pids;
  #fields;
  #own;
  #parent;

  /** @param {number} pid  @param {Field[]} fields of the feed */
  constructor(pid, fields) {
    this.pid = pid;
    this.#pids = new Set([pid]);
    this.#fields = fields.filter(({ shows }) => shows === "pid");
    this.#own = ownPid(fields);
    this.#parent = parentPid(fields);
  }

  /** Whether children are seen to be started; else it is the process alone. */
  get knowsChildren() {
    return this.#parent !== undefined && this.#own !== undefined;
  }

  get size() {
    return this.#pids.size;
  }

  /**
   * Rows about the process or what it started, in their order; learns of children.
   * @param {import("./feed-wire.js").EventBatch} batch  @returns {Uint32Array}
   */
  rowsOf(batch) {
    const columns = this.#fields.map(({ name }) => batch.column(name));
    const rows = new Uint32Array(batch.length);
    let found = 0;
    for (let row = 0; row < batch.length; row++) {
      if (!columns.some((column) => this.#pids.has(column[row]))) continue;
      if (this.knowsChildren && this.#pids.has(batch.column(this.#parent.name)[row])) this.#pids.add(batch.column(this.#own.name)[row]);
      rows[found++] = row;
    }
    return rows.slice(0, found);
  }
}

/** The column of the process that an event is about. @param {Field[]} fields  @returns {Field|undefined} */
export function ownPid(fields) {
  const pids = fields.filter(({ shows }) => shows === "pid");
  return pids.find(({ name }) => name === "pid") ?? pids[0];
}

function parentPid(fields) {
  return fields.find(({ name, shows }) => name === "ppid" && shows === "pid");
}
