/** The worker of ui/analyst.js: the first message is the tree, each other one a question. */

import { Answers } from "../core/answers.js";

let answers = null;

addEventListener("message", ({ data: { id, message, ask, about } }) => {
  if (message) {
    answers = new Answers(message);
    return;
  }
  try {
    postMessage({ id, answer: answers[ask](...about) });
  } catch (error) {
    postMessage({ id, error: String(error) });
  }
});
