/** Saves what is shown as a file of the browser: the picture, the functions, the stacks that the steps left, or a page with all of it. */

import { format } from "../core/viewstate.js";

/** A file says no more of a view than a share link does (profiler/models/share.py). */
const MAX_VIEW_STATE = 4000;

const KINDS = {
  png: { end: "png", make: ({ graph }) => picture(graph) },
  csv: { end: "csv", make: async (_, ask) => new Blob([await ask("csv")], { type: "text/csv" }) },
  folded: { end: "folded", make: async (_, ask) => new Blob([await ask("folded")], { type: "text/plain" }) },
  html: { end: "html", make: ({ base, state }) => page(base.source, state) },
};

/**
 * @param {"png"|"csv"|"folded"|"html"} what
 * @param {{graph: HTMLElement, base: object, state: object, bar: HTMLElement}} shown a <flame-graph>, its tree before the steps, the view state, a <transform-bar>
 * @param {(question: string) => Promise<string>} ask core/answers.js, of the tree after its steps
 */
export async function saveView(what, shown, ask) {
  const { end, make } = KINDS[what];
  const { meta } = shown.graph.tree;
  shown.bar.saving = true;
  try {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await make(shown, ask));
    link.download = `${meta.host || "profile"}-${new Date(meta.start_ns / 1e6 || Date.now()).toISOString().slice(0, 19).replaceAll(":", "")}.${end}`;
    link.click();
    URL.revokeObjectURL(link.href);
  } finally {
    shown.bar.saving = false;
  }
}

/** Of the part of the graph that is on screen. */
function picture(graph) {
  return new Promise((resolve) => graph.querySelector("canvas").toBlob(resolve, "image/png"));
}

/** Beside a tree on the server is the file with it. @param {string} source the tree's URL  @param {object} state */
async function page(source, state) {
  const url = new URL("html", source);
  url.search = new URL(source).search;
  const opens = opening(state);
  if (opens.length <= MAX_VIEW_STATE) url.searchParams.set("opens", opens);
  const response = await fetch(url, { credentials: "same-origin" }).catch(() => null);
  if (response?.ok) return response.blob();
  const reason = response === null ? "the server did not answer, try again" : await words(response);
  throw Object.assign(new Error(reason), { told: `The file was not saved: ${reason}` });
}

/** What the file can show of it: which part of the time, how it is grouped and which stacks is settled in the file. */
function opening(state) {
  return format({ ...state, group: null, stacks: "all", heat: "", at: "", base: "", ran: "" }).slice(1);
}

async function words(response) {
  const text = await response.text();
  try {
    return JSON.parse(text).error.message;
  } catch {
    return response.headers.get("Content-Type")?.startsWith("text/plain") ? text : `status ${response.status}`;
  }
}
