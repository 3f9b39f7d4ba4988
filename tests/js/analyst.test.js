/** Who is asked about a tree: the page itself about a small one, a worker about every other. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { readTree } from "../../static/js/core/tree.js";
import { Analyst } from "../../static/js/ui/analyst.js";
import { message } from "./messages.js";

const tree = readTree(message("main 1\n  work 2\n    inner 4"));

test("a tree of more nodes than are worked on in the page is given to a worker, and so is the question", async (t) => {
  const told = [];
  globalThis.Worker = class {
    addEventListener() {}
    terminate() {}
    postMessage(said) {
      told.push(Object.keys(said)[0]);
    }
  };
  t.after(() => delete globalThis.Worker);
  const asked = (here) => {
    const analyst = new Analyst(here);
    analyst.setTree(tree);
    return analyst.ask("transform", ["hide=work"]);
  };
  const { shape } = await asked(tree.length);
  assert.equal(shape.depth.length, tree.length - 1);
  assert.deepEqual(told, []);
  asked(tree.length - 1); // nobody answers here
  assert.deepEqual(told, ["message", "id"]);
});
