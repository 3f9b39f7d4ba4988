/** `<form data-confirm="question">`: asks in a dialog before it is sent. The safe answer has the focus. */

/** @param {ParentNode} root */
export function enhanceConfirmations(root) {
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.confirm || form.dataset.confirmed) return;
    event.preventDefault();
    ask(form.dataset.confirm, form.querySelector("[type=submit]").textContent).then((yes) => {
      if (!yes) return;
      form.dataset.confirmed = "yes";
      form.requestSubmit();
    });
  });
}

/** @param {string} question  @param {string} verb  @returns {Promise<boolean>} */
export function ask(question, verb) {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-label", question);
  const body = element("form", "dialog-body");
  body.method = "dialog";
  const verbs = element("div", "dialog-verbs");
  verbs.append(answer("Keep", "no", "", true), answer(verb, "yes", "danger", false));
  body.append(element("p", "name", question), verbs);
  dialog.append(body);
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    dialog.showModal();
  });
}

function answer(text, value, className, focused) {
  const button = element("button", className, text);
  button.value = value;
  button.autofocus = focused;
  return button;
}

function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
