// Profiles itself: node spin.js OUT.pb.gz
const fs = require("fs");
const { time, encode } = require("@datadog/pprof");

function hot(n) {
  let s = 0;
  for (let i = 0; i < n; i++) s = (s * 31 + i) % 65521;
  return s;
}

function main() {
  const end = Date.now() + 900;
  let s = 0;
  while (Date.now() < end) s += hot(200000);
}

async function profiled() {
  time.start({ intervalMicros: 10000, durationMillis: 900 });
  main();
  fs.writeFileSync(process.argv[2], await encode(time.stop()));
}

profiled();
