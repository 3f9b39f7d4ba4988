/** The profile page's verbs: the share dialog. Listens on the document, because a live run's page becomes this one. */

import { ApiError, callApi } from "../ui/api.js";
import { fetchPage, fill } from "../ui/fragment.js";

let lists = 0;

document.addEventListener("click", ({ target }) => {
  const pressed = (selector) => target.closest?.(selector);
  if (pressed("[data-dialog]")) openDialog(pressed("[data-dialog]").dataset.dialog);
  else if (pressed("a[download]")) exportAsShown(pressed("a[download]"));
  else if (pressed("#share-make")) act(() => makeLink(pressed("#share-make").dataset.profile));
  else if (pressed("[data-revoke]")) act(() => revoke(pressed("[data-revoke]").dataset.revoke));
});

/** Which links there are is asked for when somebody looks: a page opens without them. */
function openDialog(selector) {
  document.querySelector(selector).showModal();
  return listLinks();
}

/** The file has its stacks below the same names as the picture. */
function exportAsShown(link) {
  const group = new URLSearchParams(document.querySelector("profile-view").viewQuery).get("group");
  link.search = group === null ? "" : `?group=${encodeURIComponent(group)}`;
}

/** The link opens with what is on screen now: zoom, search, colours. */
async function makeLink(profile) {
  const view_state = document.querySelector("profile-view").viewQuery.slice(1);
  const { path } = await callApi("POST", `profiles/${profile}/shares`, { view_state });
  const field = document.querySelector("#share-url");
  field.value = new URL(path, location.href).href;
  document.querySelector("#share-made").hidden = false;
  offerFrame(path);
  field.select();
  return "Copy the link now: it is not shown again.";
}

/** Where the server lets other sites show links in a frame. @param {string} path of the link */
function offerFrame(path) {
  const field = document.querySelector("#share-embed");
  if (field === null) return;
  const src = new URL(path.replace("/s/", "/embed/"), location.href).href;
  field.value = `<iframe src="${src}" title="Flame graph" width="100%" height="480" loading="lazy" style="border: 0"></iframe>`;
  document.querySelector("#share-embedded").hidden = false;
}

async function revoke(share) {
  await callApi("DELETE", `shares/${share}`);
  return "The link is revoked: it opens nothing from now on.";
}

async function act(change) {
  const status = document.querySelector("#share-status");
  try {
    status.textContent = await change();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    status.textContent = `Refused: ${error.message}`;
  }
  await listLinks();
}

async function listLinks() {
  const asked = ++lists;
  const list = document.querySelector("#share-list");
  const page = await fetchPage(list.dataset.url);
  if (page && asked === lists) fill(list, page);
}
