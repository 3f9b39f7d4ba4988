/** The record form: what runs on the chosen host to pick from, durations at a press, and what it will come to. */

import { count, duration } from "../core/format.js";
import { enhanceFilters } from "../ui/filter.js";
import { fetchPage, fill } from "../ui/fragment.js";

const form = document.querySelector("#record");
const CPU = "cpu";
// Host → probe → why it does not run there.
const missing = form ? JSON.parse(document.querySelector("#missing-probes").textContent) : {};
let shownTargets = "";

if (form) {
  enhanceFilters(form);
  for (const presets of form.querySelectorAll(".presets")) presets.hidden = false;
  form.addEventListener("click", press);
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  changed();
}

function changed(event) {
  // Typing a rate means choosing it.
  const rate = event?.target.dataset?.rate;
  if (rate && event.type === "input") form.querySelector(`#rate-${rate}`).checked = true;
  showProbe();
  estimate();
  showTargets();
}

function press({ target }) {
  if (target.dataset.duration) form.elements.duration_s.value = target.dataset.duration;
  else if (target.dataset.pick) pick(target.dataset.pick, target.dataset.value);
  else return;
  estimate();
}

const ONE_OF = ["container", "unit", "cgroup"];

/** Processes add up; a container or service replaces what was there before, because a recording has one. */
function pick(name, value) {
  const field = form.elements[name];
  const ids = field.value.split(/[\s,]+/).filter(Boolean);
  if (name === "pids") field.value = [...new Set([...ids, value])].join(", ");
  else for (const other of ONE_OF) form.elements[other].value = other === name ? value : "";
}

function chosen() {
  return [...form.querySelectorAll("[name=hosts]:checked")];
}

/** Ids mean something on one host only, so the picker is there only for one. */
async function showTargets() {
  const hosts = chosen();
  const url = hosts.length === 1 ? hosts[0].dataset.targets : "";
  if (url === shownTargets) return;
  shownTargets = url;
  const picker = form.querySelector("[data-picker]");
  // Empty, it keeps its room: what is below does not move twice.
  picker.hidden = url === "";
  picker.replaceChildren();
  const page = url && (await fetchPage(url));
  if (url !== shownTargets) return;
  picker.hidden = !page;
  if (!page) return;
  fill(picker, page);
  enhanceFilters(picker);
}

/** What fits the chosen probe, and whether the chosen hosts have it. What is hidden neither counts nor stands in the way. */
function showProbe() {
  const { value: probe, options } = form.elements.probe;
  for (const part of form.querySelectorAll("[data-probe]")) {
    part.hidden = part.dataset.probe !== probe;
    for (const input of part.querySelectorAll("input")) input.disabled = part.hidden;
  }
  const hosts = chosen().map((host) => host.value);
  for (const option of options) {
    option.dataset.title ??= option.textContent;
    const lacks = hosts.length > 0 && hosts.every((host) => missing[host]?.[option.value]);
    option.textContent = option.dataset.title + (lacks ? " – not here" : "");
  }
  const told = hosts.filter((host) => missing[host]?.[probe]).map((host) => `${host}: ${missing[host][probe]}`);
  const place = form.querySelector("#probe-missing");
  place.hidden = told.length === 0;
  place.textContent = told.join(" · ");
}

function estimate() {
  const seconds = Number(form.elements.duration_s.value);
  const hosts = chosen();
  const where = hosts.length === 1 ? hosts[0].value : `${hosts.length} hosts`;
  const told = form.querySelector("#estimate");
  if (form.elements.probe.value !== CPU) {
    told.textContent = hosts.length > 0 && seconds > 0 ? `${where} for ${duration(seconds * 1e9)}: every event counts` : "";
    return;
  }
  const cpus = hosts.reduce((sum, host) => sum + Number(host.dataset.cpus), 0);
  const perSecond = form.elements.rate.value === "count" ? 1e9 / Number(form.elements.count.value) : Number(form.elements.frequency.value);
  const samples = Math.round(seconds * perSecond * cpus);
  const text = samples > 0 && Number.isFinite(samples) ? `${where} for ${duration(seconds * 1e9)}: at most ${count(samples)} samples, when every CPU is busy` : "";
  told.textContent = text;
}
