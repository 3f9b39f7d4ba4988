/**
 * What a feed's page shows is its URL: the probe's parameters, which have no dash in their names, and `in-<column>=<filter>`,
 * `hide-columns=<column>,…`, `of-process=<pid>`, `at-time=<ISO 8601>`: what is held of the time around it, instead of what comes.
 */

const IN = "in-";

/** @typedef {{filters: Object<string, string>, hidden: string[], pid: number|null, at: number|null}} FeedState `at`: Unix ms */

/** @param {string} search  @param {import("./feed-wire.js").Field[]} fields  @returns {FeedState} what is no column is left out */
export function parseState(search, fields) {
  const given = new URLSearchParams(search);
  const names = fields.map(({ name }) => name);
  const filters = Object.fromEntries(names.filter((name) => (given.get(IN + name) ?? "") !== "").map((name) => [name, given.get(IN + name)]));
  const hidden = (given.get("hide-columns") ?? "").split(",").filter((name) => names.includes(name));
  const pid = given.get("of-process") ?? "";
  const at = Date.parse(given.get("at-time") ?? "");
  return { filters, hidden, at: at > 0 ? at : null, pid: /^\d{1,9}$/.test(pid) && Number(pid) > 0 ? Number(pid) : null };
}

/** @param {FeedState} state  @param {string} search  @returns {string} the query with it, parameters of the probe as they were */
export function formatState({ filters, hidden, pid, at = null }, search) {
  const kept = [...new URLSearchParams(search)].filter(([name]) => !name.includes("-"));
  const result = new URLSearchParams(kept);
  for (const [name, text] of Object.entries(filters)) if (text.trim() !== "") result.set(IN + name, text);
  if (hidden.length > 0) result.set("hide-columns", hidden.join(","));
  if (pid !== null) result.set("of-process", String(pid));
  if (at !== null) result.set("at-time", new Date(at).toISOString());
  const text = result.toString();
  return text === "" ? "" : `?${text}`;
}
