/** The share dialog (templates/parts/share_dialog.html): makes links, lists those that open, revokes them. */

import { ApiError, callApi } from "./api.js";
import { fetchPage, fill } from "./fragment.js";

let lists = 0;

/**
 * Listens on the document: dialogs may come with a part of the page that the server draws again.
 * @param {() => object} more what the API is asked for beside the days, such as how the page looks now
 */
export function listenForSharing(more = () => ({})) {
  document.addEventListener("click", ({ target }) => {
    const pressed = (selector) => target.closest?.(selector);
    if (pressed("[data-dialog]")) openDialog(pressed("[data-dialog]").dataset.dialog);
    else if (pressed("#share-make")) act(() => makeLink(pressed("#share-make").dataset.path, more()));
    else if (pressed("[data-revoke]")) act(() => revoke(pressed("[data-revoke]").dataset.revoke));
  });
}

/** Which links there are is asked for when somebody looks: a page opens without them. */
function openDialog(selector) {
  document.querySelector(selector).showModal();
  return listLinks();
}

async function makeLink(api, more) {
  const days = Number(document.querySelector("#share-days").value) || null;
  const { path } = await callApi("POST", api, { ...more, days });
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

async function revoke(api) {
  await callApi("DELETE", api);
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
