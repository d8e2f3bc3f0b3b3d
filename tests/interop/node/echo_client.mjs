// The echo example, seen by Node's `ws`.
//
//     NODE_PATH=… node echo_client.mjs URL          for instance ws://127.0.0.1:8080/echo
//
// Prints a line per check. The last line is `N passed, N failed`, and the exit status is 1 if any
// failed.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { createRequire } from 'node:module';

// Not `import`, which heeds no NODE_PATH: `ws` is installed outside of the sources.
const WebSocket = createRequire(import.meta.url)('ws');

const url = process.argv[2];
if (!url) {
  console.error('usage: node echo_client.mjs URL');
  process.exit(2);
}

const CHECK_SECONDS = 20;
const MAX_MESSAGE = 16 * 1024 * 1024; // what the echo example allows

// ------------------------------------------------------------------------------- helpers ---

/** A connection that is open. */
async function open(options = {}, protocols = []) {
  const ws = new WebSocket(url, protocols, options);
  await once(ws, 'open');
  return ws;
}

/** The next `count` messages; to be called before what provokes them is sent. */
function receive(ws, count) {
  return new Promise((resolve, reject) => {
    const messages = [];
    ws.on('message', (data, isBinary) => {
      messages.push(isBinary ? data : data.toString());
      if (messages.length === count) resolve(messages);
    });
    ws.once('close', (code) => reject(new Error(`closed with ${code}`)));
    ws.once('error', reject);
  });
}

async function echoes(ws, message) {
  const answer = receive(ws, 1);
  ws.send(message);
  same((await answer)[0], message);
  ws.removeAllListeners();
}

/** Equal in kind and content. Not with assert, which would print both, and they may be long. */
function same(got, wanted) {
  const equal = Buffer.isBuffer(wanted) ? Buffer.isBuffer(got) && got.equals(wanted) : got === wanted;
  assert.ok(equal, `got ${String(got).slice(0, 60)}, wanted ${String(wanted).slice(0, 60)}`);
}

/** Closes and gives back the code and the reason of the server's close frame. */
async function close(ws, code, reason) {
  const closed = once(ws, 'close');
  ws.close(code, reason);
  const [gotCode, gotReason] = await closed;
  return { code: gotCode, reason: gotReason.toString() };
}

/** The HTTP response to a handshake that is refused. */
async function refusal(target, options = {}) {
  const ws = new WebSocket(target, options);
  ws.on('error', () => {}); // from terminate() below
  const response = await new Promise((resolve, reject) => {
    ws.once('unexpected-response', (request, response) => resolve(response));
    ws.once('open', () => reject(new Error('was let in')));
    ws.once('error', reject);
  });
  ws.terminate();
  return response;
}

/** A plain HTTP GET. */
async function get(headers = {}) {
  const request = http.get(url.replace(/^ws/, 'http'), { headers, agent: false });
  const [response] = await once(request, 'response');
  response.resume();
  return response;
}

// -------------------------------------------------------------------------------- checks ---

const checks = {
  async 'text comes back as text'() {
    const ws = await open();
    await echoes(ws, 'hello');
    await close(ws);
  },

  async 'binary comes back as binary'() {
    const ws = await open();
    await echoes(ws, Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
    await close(ws);
  },

  async 'empty messages, text and binary'() {
    const ws = await open();
    await echoes(ws, '');
    await echoes(ws, Buffer.alloc(0));
    await echoes(ws, 'not empty');
    await close(ws);
  },

  async 'one to four bytes a character, NUL, the last code point'() {
    const ws = await open();
    await echoes(ws, 'aé€𝄞 שלום 你好 👩‍🚀 \0 \u{10ffff}');
    await close(ws);
  },

  async '1 MiB, text and binary'() {
    const ws = await open();
    await echoes(ws, '0123456789abcdef'.repeat(65536));
    await echoes(ws, Buffer.alloc(1024 * 1024, 'bytes'));
    await close(ws);
  },

  async '16 MiB, the most that is allowed'() {
    const ws = await open();
    await echoes(ws, Buffer.alloc(MAX_MESSAGE, 'bytes'));
    await close(ws);
  },

  async 'one byte more is answered with close code 1009'() {
    const ws = await open();
    const closed = once(ws, 'close');
    ws.send(Buffer.alloc(MAX_MESSAGE + 1));
    assert.equal((await closed)[0], 1009);
  },

  async 'a fragmented message, with a ping in between'() {
    const ws = await open();
    const order = [];
    ws.on('pong', (data) => order.push(`pong ${data}`));
    ws.on('message', (data) => order.push(`message ${data}`));
    ws.send('frag', { fin: false });
    ws.ping('between');
    // The ping is not answered only once the message is whole.
    await once(ws, 'pong');
    ws.send('', { fin: false });
    ws.send('ments', { fin: true });
    await once(ws, 'message');
    assert.deepEqual(order, ['pong between', 'message fragments']);
    await close(ws);
  },

  async 'a ping is answered with its payload, up to 125 bytes'() {
    const ws = await open();
    for (const payload of [Buffer.alloc(0), Buffer.from('payload'), Buffer.alloc(125, 'p')]) {
      const pong = once(ws, 'pong');
      ws.ping(payload);
      same((await pong)[0], payload);
    }
    await close(ws);
  },

  async '200 messages on their way at once come back in order'() {
    const ws = await open();
    const messages = Array.from({ length: 200 }, (_, i) => `message ${i} ${'x'.repeat(i * 7)}`);
    const answers = receive(ws, messages.length);
    for (const message of messages) ws.send(message);
    assert.deepEqual(await answers, messages);
    await close(ws);
  },

  async '50 connections at once, each with its own messages'() {
    const all = await Promise.all(Array.from({ length: 50 }, () => open()));
    await Promise.all(
      all.map(async (ws, number) => {
        for (let turn = 0; turn < 5; turn++) await echoes(ws, `connection ${number}, turn ${turn}`);
      }),
    );
    await Promise.all(all.map((ws) => close(ws)));
  },

  async 'permessage-deflate is offered and declined'() {
    const ws = new WebSocket(url, { perMessageDeflate: true });
    const [[response]] = await Promise.all([once(ws, 'upgrade'), once(ws, 'open')]);
    assert.equal(response.headers['sec-websocket-extensions'], undefined);
    assert.equal(ws.extensions, '');
    await echoes(ws, 'plain '.repeat(1000));
    await close(ws);
  },

  async 'no subprotocol is chosen'() {
    const ws = await open();
    assert.equal(ws.protocol, '');
    await close(ws);
    // Having none in common is the client's to judge, and this one hangs up.
    await assert.rejects(open({}, ['chat']), /Server sent no subprotocol/);
  },

  async 'close 1000 is answered with 1000'() {
    const ws = await open();
    assert.equal((await close(ws, 1000)).code, 1000);
  },

  async 'close 4000 with a reason is answered with 4000'() {
    const ws = await open();
    assert.equal((await close(ws, 4000, 'done, thank you')).code, 4000);
  },

  async 'an empty close is answered'() {
    const ws = await open();
    // What `ws` reports for a close frame without a code.
    assert.ok([1000, 1005].includes((await close(ws)).code));
  },

  async 'terminate() disturbs nobody'() {
    const stays = await open();
    const ws = await open();
    ws.send(Buffer.alloc(1024 * 1024));
    const closed = once(ws, 'close');
    ws.terminate();
    assert.equal((await closed)[0], 1006);
    await echoes(stays, 'still here');
    await close(stays);
    const next = await open();
    await echoes(next, 'and the next one too');
    await close(next);
  },

  async 'an Origin of the same host is let in'() {
    const ws = await open({ origin: `http://${new URL(url).host}` });
    await echoes(ws, 'hello');
    await close(ws);
  },

  async 'a foreign Origin is refused with 403'() {
    const response = await refusal(url, { origin: 'http://elsewhere.example' });
    assert.equal(response.statusCode, 403);
    assert.equal(response.headers.connection, 'close');
  },

  async 'an unknown path is refused with 404'() {
    const response = await refusal(`${url}/nowhere`);
    assert.equal(response.statusCode, 404);
    assert.equal(response.headers.connection, 'close');
  },

  async 'another version of the protocol is refused with 426, naming 13'() {
    const response = await refusal(url, { protocolVersion: 8 });
    assert.equal(response.statusCode, 426);
    assert.equal(response.headers['sec-websocket-version'], '13');
  },

  async 'a plain GET is answered with 426'() {
    const response = await get();
    assert.equal(response.statusCode, 426);
    assert.equal(response.headers.upgrade, 'websocket');
  },
};

// ------------------------------------------------------------------------------------------

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
for (const [name, run] of Object.entries(checks)) {
  try {
    await within(CHECK_SECONDS, run);
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}: ${error.message}`);
  }
}
console.log(`${Object.keys(checks).length - failed} passed, ${failed} failed`);
// Not by running out of work: a check that failed may have left a connection open.
process.exit(failed ? 1 : 0);
