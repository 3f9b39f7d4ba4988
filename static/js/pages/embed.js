/** A share link within a frame of another site. */

import { keepTimesFresh } from "../ui/when.js";

keepTimesFresh(document);

/** The link leads to what is on screen in the frame: zoom, search, colours. The theme is the other site's. */
document.querySelector("[data-open]").addEventListener("click", ({ currentTarget }) => {
  const query = new URLSearchParams(document.querySelector("profile-view").viewQuery);
  query.delete("theme");
  currentTarget.search = query.toString();
});
