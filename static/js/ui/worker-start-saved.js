/**
 * Starts the worker of ui/analyst.js in a saved file, which holds its script as text: a page on disk
 * may load no other file, and start no worker from a module.
 */

/** @returns {Worker} */
export function startWorker() {
  const script = new Blob([document.querySelector("#answers-worker").textContent], { type: "text/javascript" });
  return new Worker(URL.createObjectURL(script));
}
