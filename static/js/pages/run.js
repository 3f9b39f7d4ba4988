/** A run while it records: state and graph come over a socket; when it is done the page becomes the profile's. */

import { explain, numbers, stateClass } from "../core/run-state.js";
import { adopt, fetchPage } from "../ui/fragment.js";
import { LiveSocket } from "../ui/socket.js";

const view = document.querySelector("profile-view");
const title = document.querySelector("#title-line");
const durationS = Number(title.dataset.duration);
let run = JSON.parse(document.querySelector("#run-now").textContent);
let reported = performance.now();
let connected = true;

const socket = new LiveSocket(`/ws/runs/${title.dataset.run}/`, {
  onJson: show,
  onBinary: (buffer) => view.update(buffer),
  onConnection: (now) => {
    connected = now;
    tell();
  },
});
show(run);
const ticking = setInterval(tick, 250);

function show(state) {
  if (state.type !== undefined && state.type !== "run.changed") return;
  run = state;
  reported = performance.now();
  const shape = document.querySelector("#run-state");
  if (shape.textContent !== run.state) shape.textContent = run.state;
  shape.className = `state ${stateClass(run.state)}`;
  tell();
  tick();
  if (run.final) end();
}

/** Between reports the clock goes on: a bar that stands still looks broken. */
function tick() {
  const since = run.state === "recording" ? (performance.now() - reported) / 1000 : 0;
  const elapsed = Math.min(durationS, run.elapsed_s + since);
  document.querySelector(".run-progress progress").value = elapsed;
  document.querySelector("#run-numbers").textContent = numbers({ ...run, elapsed_s: elapsed }, durationS);
}

function tell() {
  const box = document.querySelector("#run-message");
  const text = connected || run.final ? explain(run) : "The connection to the server is lost; trying again. The recording goes on.";
  box.hidden = text === "";
  box.className = `message ${run.state === "failed" ? "error" : connected ? "" : "warning"}`;
  if (box.textContent !== text) box.textContent = text;
}

/** The last report may come before the profile is stored; the one after it names the profile. */
function end() {
  clearInterval(ticking);
  document.querySelector("#stop")?.remove();
  if (run.profile) return become(`/profiles/${run.profile}/`);
  if (run.state === "done") return;
  socket.close();
  view.finish();
  document.querySelector("#again")?.removeAttribute("hidden");
}

async function become(url) {
  socket.close();
  const page = await fetchPage(url);
  if (!page) return location.replace(url);
  adopt(page, "#title-line");
  adopt(page, ".crumbs");
  document.querySelector("#run-message").hidden = true;
  document.title = page.title;
  history.replaceState(history.state, "", url + location.search + location.hash);
  view.setAttribute("src", page.querySelector("profile-view").getAttribute("src"));
}
