/** Calls of the REST API with the session of this page; refusals are the server's own words. */

export class ApiError extends Error {
  name = "ApiError";
}

/** What the server wants to see in a request that writes. */
export function csrfToken() {
  return document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
}

/**
 * @param {string} method  @param {string} path below /api/v1/  @param {object|null} [body] sent as JSON
 * @returns {Promise<any>} the answer, null when it is empty  @throws {ApiError}
 */
export async function callApi(method, path, body = null) {
  const headers = { Accept: "application/json", "X-CSRFToken": csrfToken(), ...(body && { "Content-Type": "application/json" }) };
  let response;
  try {
    response = await fetch(`/api/v1/${path}`, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new ApiError("The server did not answer. Try again.");
  }
  const text = await response.text();
  if (!response.ok) throw new ApiError(refusal(text, response.status));
  return text ? JSON.parse(text) : null;
}

/** The message of an error answer. @param {string} text of the body  @param {number} status */
export function refusal(text, status) {
  try {
    return JSON.parse(text).error.message;
  } catch {
    return `The server answered with status ${status}. Try again.`;
  }
}
