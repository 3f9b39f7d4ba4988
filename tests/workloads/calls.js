// A known call chain in compiled JavaScript: descend (ten times), spin.

function spin() {
  let total = 0;
  for (let i = 0; i < 20000; i++) total += (i * 31) % 7;
  return total;
}

function descend(depth) {
  return depth ? descend(depth - 1) + 1 : spin();
}

for (;;) descend(10);
