/**
 * The worker of ui/analyst.js: the first message is the tree or where it is, each other one a question. Columns go to the
 * page without being copied.
 */

import { Answers } from "../core/answers.js";
import { unpack } from "../core/unpack.js";
import { decode } from "../core/wire.js";

let answers = null;

addEventListener("message", async ({ data: { id, message, sides, url, packed, ask, about } }) => {
  if (message || url || packed) {
    answers = message ? Promise.resolve(new Answers(message, sides)) : whole(packed ? unpack(packed) : fetched(url));
    // Who asks is told; until then nobody misses it.
    answers.catch(() => {});
    return;
  }
  try {
    const answer = (await answers)[ask](...about);
    postMessage({ id, answer }, ask === "table" ? [] : buffersOf(answer));
  } catch (error) {
    postMessage({ id, error: error.message });
  }
});

async function fetched(url) {
  const response = await fetch(url, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`the server answered with status ${response.status}`);
  return response.arrayBuffer();
}

async function whole(bytes) {
  return new Answers(decode(await bytes));
}

/** Of columns that were made for this answer; a small tree's own stay. */
function buffersOf(answer) {
  const shapes = [answer, answer.shape, answer.columns].filter((one) => one?.place || one?.frame_name);
  return shapes.flatMap((shape) => Object.values(shape).filter(ArrayBuffer.isView).map(({ buffer }) => buffer));
}
