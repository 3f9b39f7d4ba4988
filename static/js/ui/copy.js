/** `<button data-copy="#id">`: copies the text or value of the element it names, and says so. */

const SAID_MS = 2000;

/** @param {ParentNode} root */
export function enhanceCopyButtons(root) {
  root.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (button) copy(button);
  });
}

async function copy(button) {
  const source = document.querySelector(button.dataset.copy);
  const label = (button.dataset.label ??= button.textContent);
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    button.textContent = "Copied";
  } catch {
    // No permission, or a page without TLS: select it, so that one key press copies.
    select(source);
    button.textContent = "Press Ctrl-C";
  }
  setTimeout(() => (button.textContent = label), SAID_MS);
}

function select(element) {
  if (element.select) return element.select();
  getSelection().selectAllChildren(element);
}
