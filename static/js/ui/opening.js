/**
 * The first picture of a stored profile: its graph, drawn and working before the rest of the page's modules is asked for.
 * The page has the graph in its place (templates/parts/graph_place.html), and lists these modules (`later_modules`).
 * `<profile-view>` then puts around the graph what belongs there, where room was kept for it.
 */

import { patternsOf } from "../core/search-terms.js";
import { parse } from "../core/viewstate.js";
import { EarlyPresses } from "./early-presses.js";
import { earlyTree } from "./early-tree.js";
import { announceHooks } from "./viewer-hooks.js";
import "./flame-graph.js";
import "./mini-map.js";

/** In narrower windows what is around the graph breaks into as many lines as its words take: no room can be kept for it. */
const KEEPS_ROOM = "(720px <= width)";

async function open(view, modules) {
  const graph = view.querySelector("flame-graph");
  const presses = new EarlyPresses(graph);
  announceHooks();
  const strip = view.querySelector("mini-map");
  strip.follow(graph);
  if (matchMedia(KEEPS_ROOM).matches) await firstPicture(view, graph, strip);
  showPage();
  document.documentElement.classList.remove("opening");
  try {
    await Promise.all(modules.map(({ href }) => import(href)));
  } finally {
    presses.release();
  }
}

async function firstPicture(view, graph, strip) {
  const state = parse(location.search);
  Object.assign(graph, { view: state.view, palette: state.color, query: patternsOf(state).join("\n"), zoom: state.zoom });
  try {
    const tree = await earlyTree();
    await parsed();
    showPage();
    view.classList.toggle("has-trust", Boolean(tree.report));
    if (!(tree.total[0] > 0)) return;
    view.classList.add("has-picture");
    graph.tree = tree;
    // Not with the next frame, which then has less to do, and is on screen before the one after it.
    graph.paint();
    strip.paint();
  } catch {
    // The view asks the server, and says what is wrong.
    return;
  }
  await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
}

/** Browsers look through the forms of a page that has just been parsed: what can be seen would be laid out for that, too early. */
function parsed() {
  return new Promise((done) => setTimeout(done));
}

/** Laid out for the first time: at once with its picture, so that nothing is drawn twice. */
function showPage() {
  document.body.hidden = false;
}

function start() {
  const modules = [...document.querySelectorAll('link[rel="later-module"]')];
  // Other pages have all of their modules at once, and this one as the place of some of them.
  if (modules.length > 0) open(document.querySelector("profile-view"), modules);
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
