/** What a person has set on a page, in its URL: a reload or a link brings it back. */

/** @param {string} of which table of several, "" for the only one  @param {string} what  @returns {string} */
export function nameInUrl(of, what) {
  return of === "" ? what : `${of}-${what}`;
}

/** @param {string} name  @returns {string} "" for none */
export function keptInUrl(name) {
  return new URLSearchParams(location.search).get(name) ?? "";
}

/** @param {string} name  @param {string} value "" to leave it out */
export function keepInUrl(name, value) {
  const url = new URL(location.href);
  if (value === "") url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  history.replaceState(history.state, "", url);
}
