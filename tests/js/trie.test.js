/** Callers with few callees and with thousands: the same tree whatever order stacks come in. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Trie } from "../../static/js/core/trie.js";

/** Stacks [outer, inner], their numbers mixed up. */
function stacks(count, callees) {
  return Array.from({ length: count }, (_, i) => (i * 7919) % count).map((i) => [1 + (i % 7), 10 + (i % callees)]);
}

function built(pairs, frames) {
  const trie = new Trie(0);
  for (const [outer, inner] of pairs) {
    const node = trie.child(trie.child(0, outer), inner);
    trie.self[node] += 1;
  }
  return trie.shape(Uint32Array.from({ length: frames }, (_, f) => frames - f));
}

for (const callees of [3, 8, 9, 5_000]) {
  test(`${callees} callees of a caller are each there once, in the order of their ranks`, () => {
    const pairs = stacks(35_001, callees);
    const shape = built(pairs, callees + 10);
    const expected = new Map();
    for (const [outer, inner] of pairs) expected.set(`${outer} ${inner}`, (expected.get(`${outer} ${inner}`) ?? 0) + 1);
    const found = [];
    let outer = 0;
    shape.depth.forEach((depth, i) => {
      if (depth === 1) outer = shape.frame[i];
      if (depth === 2) found.push([outer, shape.frame[i], shape.self[i]]);
    });
    assert.deepEqual(new Map(found.map(([a, b, value]) => [`${a} ${b}`, value])), expected);
    assert.equal(found.length, expected.size);
    const order = found.map(([a, b]) => [a, b]);
    assert.deepEqual(order, order.toSorted((x, y) => y[0] - x[0] || y[1] - x[1]));
    assert.deepEqual(built(pairs.toReversed(), callees + 10), shape);
  });
}
