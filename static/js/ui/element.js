/**
 * Makes an element. Text children are text nodes, so data can never become markup.
 * @param {string} tag
 * @param {Object<string, any>} [properties] `on…` functions listen, names with a dash and `class`, `for`, `role` are
 *   attributes (left out when null or false), all others are properties
 * @param {...(Node|string|null)} children
 * @returns {HTMLElement}
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name.includes("-") || ["class", "for", "role"].includes(name)) setAttribute(made, name, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

function setAttribute(made, name, value) {
  if (value !== null && value !== false) made.setAttribute(name, value);
}
