// The deflate example, seen by Node's `ws`.
//
//     NODE_PATH=… node deflate_client.mjs URL [takeover]       for instance ws://127.0.0.1:8080/echo
//
// `takeover` if the example was started so. Prints a line per check. The last line is
// `N passed, N failed`, and the exit status is 1 if any failed.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';

// Not `import`, which heeds no NODE_PATH: `ws` is installed outside of the sources.
const WebSocket = createRequire(import.meta.url)('ws');

const url = process.argv[2];
const takeover = process.argv[3] === 'takeover';
if (!url) {
  console.error('usage: node deflate_client.mjs URL [takeover]');
  process.exit(2);
}

const CHECK_SECONDS = 60;
const RANDOM = randomBytes(300_000);
const SIZES = [0, 1, 125, 126, 1023, 1024, 1025, 32767, 32768, 65535, 65536, 65537, 262_144];

// What is offered, and what of the answer has to be so whether or not the server allows takeover.
const offers = {
  'nothing in particular': [{}, []],
  'every message compressed': [{ threshold: 0 }, []],
  'a server window of 9': [{ serverMaxWindowBits: 9 }, ['server_max_window_bits=9']],
  'a client window of 9': [{ clientMaxWindowBits: 9 }, ['client_max_window_bits=9']],
  'no takeover': [
    { serverNoContextTakeover: true, clientNoContextTakeover: true, threshold: 0 },
    ['server_no_context_takeover', 'client_no_context_takeover'],
  ],
};

/** Equal in kind and content. Not with assert, which would print both, and they may be long. */
function same(got, wanted) {
  const equal = Buffer.isBuffer(wanted) ? Buffer.isBuffer(got) && got.equals(wanted) : got === wanted;
  assert.ok(equal, `got ${String(got).slice(0, 60)}, wanted ${String(wanted).slice(0, 60)}`);
}

async function check([perMessageDeflate, named]) {
  const ws = new WebSocket(url, { perMessageDeflate });
  const [[response]] = await Promise.all([once(ws, 'upgrade'), once(ws, 'open')]);
  const params = response.headers['sec-websocket-extensions'].split('; ');
  assert.equal(params[0], 'permessage-deflate');
  for (const name of named) assert.ok(params.includes(name), `${name} is not in ${params}`);
  if (named.length === 0) assert.equal(params.includes('server_no_context_takeover'), !takeover);

  const got = [];
  let wake = () => {};
  ws.on('message', (data, isBinary) => {
    got.push(isBinary ? data : data.toString());
    wake();
  });
  ws.on('close', (code) => {
    got.push(`closed with ${code}`);
    wake();
  });
  const next = async () => {
    while (got.length === 0) await new Promise((resolve) => (wake = resolve));
    return got.shift();
  };

  for (const size of SIZES) {
    for (const message of ['zwölf Boxkämpfer '.repeat(size / 17 + 1).slice(0, size), RANDOM.subarray(0, size)]) {
      ws.send(message);
      same(await next(), message);
    }
  }
  // In fragments, an empty one among them, and with a ping in between.
  const pieces = [RANDOM.subarray(0, 5000), Buffer.alloc(0), RANDOM.subarray(0, 5000), Buffer.alloc(70_000)];
  pieces.forEach((piece, i) => ws.send(piece, { binary: true, fin: i === pieces.length - 1, compress: true }));
  ws.ping();
  same(await next(), Buffer.concat(pieces));
  // Many on their way at once, some of them not compressed.
  const messages = Array.from({ length: 200 }, (_, i) => `message ${i} `.repeat(i));
  messages.forEach((message, i) => ws.send(message, { compress: i % 3 > 0 }));
  for (const message of messages) same(await next(), message);
  ws.close(1000);
  assert.equal(await next(), 'closed with 1000');
}

/** Runs a check, but not for ever. */
async function within(seconds, run) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${seconds} s`)), seconds * 1000);
  });
  try {
    await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
}

let failed = 0;
for (const [name, offer] of Object.entries(offers)) {
  const title = takeover ? `takeover: ${name}` : name;
  try {
    await within(CHECK_SECONDS, () => check(offer));
    console.log(`ok      ${title}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${title}: ${error.message}`);
  }
}
console.log(`${Object.keys(offers).length - failed} passed, ${failed} failed`);
// Not by running out of work: a check that failed may have left a connection open.
process.exit(failed ? 1 : 0);
