/** The profile page's verbs: the share dialog. Listens on the document, because a live run's page becomes this one. */

import { fetchPage } from "../ui/fragment.js";

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-dialog]");
  if (opener) document.querySelector(opener.dataset.dialog).showModal();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id === "share-form") handle(event, makeLink);
  else if (form.closest("#share-list")) handle(event, revoke);
});

function handle(event, act) {
  event.preventDefault();
  act(event.target);
}

async function makeLink(form) {
  const data = new FormData(form);
  data.set("view", location.search);
  const response = await post(form.action, data);
  if (!response) return;
  const { url } = await response.json();
  const field = document.querySelector("#share-url");
  field.value = url;
  document.querySelector("#share-made").hidden = false;
  field.select();
  say("Copy the link now: it is not shown again.");
  await refreshList();
}

async function revoke(form) {
  if (!(await post(form.action, new FormData(form)))) return;
  say("The link is revoked: it opens nothing from now on.");
  await refreshList();
}

async function post(url, body) {
  try {
    const response = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
    if (response.ok) return response;
    say(`Refused: ${await reason(response)}`);
  } catch {
    say("The server did not answer. Try again.");
  }
  return null;
}

async function reason(response) {
  const text = await response.text();
  try {
    return JSON.parse(text).detail;
  } catch {
    return text.slice(0, 300);
  }
}

async function refreshList() {
  const list = document.querySelector("#share-list");
  const page = await fetchPage(list.dataset.url);
  if (page) list.replaceChildren(...[...page.body.childNodes].map((node) => document.adoptNode(node)));
}

function say(text) {
  document.querySelector("#share-status").textContent = text;
}
