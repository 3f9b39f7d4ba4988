/** Fuzzy search as a regular expression, so that all that understands one understands the other. */

/**
 * The characters of each word in their order, with anything between them; the words in any order. After a character the
 * expression looks for the next one's first place only, so it never tries a name twice over.
 * @param {string} text  @returns {string} a regular expression, "" for no words
 */
export function fuzzyPattern(text) {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const inOrder = (word) => [...word].map((c) => `[^${escapeInClass(c)}]*${escape(c)}`).join("");
  return words.length === 0 ? "" : `^${words.map((word) => `(?=${inOrder(word)})`).join("")}`;
}

function escape(character) {
  return character.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}

function escapeInClass(character) {
  return character.replace(/[\\^\]-]/, "\\$&");
}
