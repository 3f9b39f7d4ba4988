/** A page that takes files: chosen, or dropped anywhere on it. */

/** @param {HTMLInputElement} chooser of type file  @param {(files: File[]) => void} take */
export function enhanceFileDrop(chooser, take) {
  let inside = 0;

  /** Entering a child comes before leaving its parent, so the two are counted. */
  function hint(event, step) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    inside = Math.max(0, inside + step);
    document.body.classList.toggle("dropping", inside > 0);
  }

  chooser.addEventListener("change", () => {
    take([...chooser.files]);
    chooser.value = "";
  });
  addEventListener("dragenter", (event) => hint(event, 1));
  addEventListener("dragleave", (event) => hint(event, -1));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    inside = 0;
    document.body.classList.remove("dropping");
    take([...event.dataTransfer.files]);
  });
}
