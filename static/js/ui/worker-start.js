/** Starts the worker of ui/analyst.js. A saved file has worker-start-saved.js in its place. */

/** @returns {Worker} */
export function startWorker() {
  return new Worker(new URL("./answers-worker.js", import.meta.url), { type: "module" });
}
