/** A run while it records: state and graph come over a socket; when it is done the page becomes the profile's. */

import { LivePause } from "../core/live-pause.js";
import { behindText, explain, numbers, stateClass } from "../core/run-state.js";
import { adopt, fetchPage } from "../ui/fragment.js";
import { meantForPage } from "../ui/profile-keys.js";
import { LiveSocket } from "../ui/socket.js";

const view = document.querySelector("profile-view");
const title = document.querySelector("#title-line");
const durationS = Number(title.dataset.duration);
let run = JSON.parse(document.querySelector("#run-now").textContent);
let reported = performance.now();
let connected = true;

const pause = new LivePause((buffer) => view.update(buffer));
const socket = new LiveSocket(`/ws/runs/${title.dataset.run}/`, {
  onJson: show,
  onBinary: (buffer) => pause.receive(buffer),
  onConnection: (now) => {
    connected = now;
    tell();
  },
});
const ticking = setInterval(tick, 250);
document.querySelector("#pause")?.addEventListener("click", togglePause);
document.addEventListener("keydown", pauseKey);
show(run);

function show(state) {
  if (state.type !== undefined && state.type !== "run.changed") return;
  run = state;
  reported = performance.now();
  const shape = document.querySelector("#run-state");
  if (shape.textContent !== run.state) shape.textContent = run.state;
  shape.className = `state ${stateClass(run.state)}`;
  if (run.state === "sending") document.querySelector("#stop")?.remove(); // nothing is left to stop
  tell();
  tick();
  if (run.final) end();
}

/** Between reports the clock goes on: a bar that stands still looks broken. */
function tick() {
  const elapsed = elapsedS();
  document.querySelector(".run-progress progress").value = elapsed;
  document.querySelector("#run-numbers").textContent = numbers({ ...run, elapsed_s: elapsed }, durationS, title.dataset.counts);
  say("#run-behind", pause.paused ? behindText(pause.behind(elapsed), run.final) : "");
}

function elapsedS() {
  const since = run.state === "recording" ? (performance.now() - reported) / 1000 : 0;
  return Math.min(durationS, run.elapsed_s + since);
}

/** A run that is over becomes its profile when its picture may move again. */
function togglePause() {
  if (pause.paused) pause.resume();
  else pause.pause(elapsedS());
  document.querySelector("#pause").textContent = pause.paused ? "Resume" : "Pause the graph";
  tick();
  if (run.final) end();
}

function pauseKey(event) {
  if (event.key !== "p" || !meantForPage(event) || !document.querySelector("#pause")) return;
  event.preventDefault();
  togglePause();
}

/** What goes on is said in the title line, where it moves nothing; only how a run ended without a profile gets a box. */
function tell() {
  const text = connected ? explain(run) : "the connection to the server is lost, trying again; the recording goes on";
  say("#run-note", run.final && run.state !== "done" ? "" : text);
  say("#run-end", run.final && run.state !== "done" ? explain(run) : "");
  document.querySelector("#run-note").classList.toggle("lost", !connected);
  document.querySelector("#run-end").classList.toggle("error", run.state === "failed");
}

function say(selector, text) {
  const place = document.querySelector(selector);
  place.hidden = text === "";
  if (place.textContent !== text) place.textContent = text;
}

/** The profile may come after the last report: a later message then names it, so the socket stays. */
function end() {
  if (run.profile && !pause.paused) return become(`/profiles/${run.profile}/`);
  document.querySelector("#stop")?.remove();
  if (pause.paused) return tick();
  clearInterval(ticking);
  document.querySelector("#pause")?.remove();
  document.querySelector(".run-progress progress").hidden = true;
  if (run.state === "done") return;
  view.finish();
  document.querySelector("#again")?.removeAttribute("hidden");
}

async function become(url) {
  socket.close();
  clearInterval(ticking);
  const page = await fetchPage(url);
  if (!page) return location.replace(url);
  adopt(page, "#title-line");
  adopt(page, ".crumbs");
  document.querySelector("#run-end").hidden = true;
  document.title = page.title;
  history.replaceState(history.state, "", url + location.search + location.hash);
  const stored = page.querySelector("profile-view");
  for (const name of ["debug-files-url", "moments-url", "notes-path", "notes-count", "may-note", "src"]) view.setAttribute(name, stored.getAttribute(name));
}
