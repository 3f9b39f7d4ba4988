/** One note as an item of a list, and the form that writes or changes one. Texts are text: nothing in them is markup. */

import { ApiError } from "./api.js";
import { ask } from "./confirm.js";
import { element } from "./element.js";
import { showTimes } from "./when.js";

/** As many as the server takes (profiler/models/note.py). */
const MAX_NOTE = 2000;

/**
 * Fills a list; notes that are being changed stay as they are. @param {HTMLElement} list
 * @param {import("./profile-notes.js").Note[]} shown  @param {import("./profile-notes.js").ProfileNotes} notes
 * @param {(note: import("./profile-notes.js").Note) => Node|null} [about] stands before a note: the function it is about
 */
export function showNotes(list, shown, notes, about = () => null) {
  const begun = new Map([...list.children].filter((item) => item.querySelector("form")).map((item) => [item.dataset.note, item]));
  list.replaceChildren(...shown.map((note) => begun.get(versionOf(note)) ?? noteItem(note, notes, about(note))));
}

function versionOf({ id, changed_at: changed }) {
  return `${id} ${changed}`;
}

function noteItem(note, notes, what) {
  const text = element("p", { class: "note-text", dir: "auto" }, note.text);
  const error = element("p", { class: "note-error", role: "alert", hidden: true });
  const item = element("li", { class: "note" }, what, text, by(note), error);
  if (!note.may_change) return item;
  const edit = element("button", { type: "button", class: "link", onclick: () => item.replaceWith(editing(note, notes, item)) }, "Change");
  const remove = element("button", { type: "button", class: "link", onclick: () => removed(note, notes, error) }, "Delete");
  item.querySelector(".note-by").append(edit, remove);
  return item;
}

function by({ author, created_at: created, changed_at: changed, changed_by: changer }) {
  const time = (at) => element("time", { dateTime: at, "data-show": "relative" }, at);
  const made = element("p", { class: "note-by" }, element("bdi", {}, author), " ", time(created));
  if (changed) made.append(element("span", {}, changer && changer !== author ? ["changed by ", changer, " "].join("") : "changed ", time(changed)));
  showTimes(made);
  return made;
}

function editing(note, notes, item) {
  const form = noteForm("Save", note.text, (text) => notes.change(note, text), () => place.replaceWith(item));
  const place = element("li", { class: "note" }, form);
  place.dataset.note = versionOf(note);
  requestAnimationFrame(() => form.querySelector("textarea").focus());
  return place;
}

async function removed(note, notes, error) {
  if (!(await ask(`Delete the note “${note.text.slice(0, 100)}”?`, "Delete"))) return;
  await told(error, () => notes.remove(note));
}

/** What the server refuses is told where it was asked. @param {HTMLElement} place  @param {() => Promise<void>} act  @returns {Promise<boolean>} */
export async function told(place, act) {
  try {
    await act();
    Object.assign(place, { textContent: "", hidden: true });
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    Object.assign(place, { textContent: error.message, hidden: false });
    return false;
  }
}

/**
 * @param {string} verb  @param {string} text  @param {(text: string) => Promise<void>} save  @param {() => void} cancel
 * @returns {HTMLFormElement}
 */
export function noteForm(verb, text, save, cancel) {
  const box = element("textarea", { rows: 3, maxLength: MAX_NOTE, required: true, "aria-label": "Text of the note", placeholder: "What should others know about this function?", value: text, dir: "auto" });
  const error = element("p", { class: "note-error", role: "alert", hidden: true });
  const send = element("button", { type: "submit", class: "primary" }, verb);
  const form = element("form", { class: "note-form" }, box, element("div", { class: "note-verbs" }, send, element("button", { type: "button", onclick: cancel }, "Cancel"), error));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    await told(error, () => save(box.value));
    send.disabled = false;
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") cancel();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    else return;
    event.preventDefault();
  });
  return form;
}
