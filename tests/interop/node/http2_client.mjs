// The `secure` example over HTTP/2, seen by Node's `http2` with `ws` on its streams.
//
//     NODE_PATH=… node http2_client.mjs URL     for instance wss://127.0.0.1:8443/echo
//
// A `ws` URL is dialled without TLS; behind TLS no certificate is checked. Prints a line per check. The
// last line is `N passed, N failed`, and the exit status is 1 if any failed.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import { createRequire } from 'node:module';

// Not `import`, which heeds no NODE_PATH: `ws` is installed outside of the sources.
const WebSocket = createRequire(import.meta.url)('ws');

if (!process.argv[2]) {
  console.error('usage: node http2_client.mjs URL');
  process.exit(2);
}
const url = new URL(process.argv[2]);
const origin = `${url.protocol === 'wss:' ? 'https' : 'http'}://${url.host}`;
const CHECK_SECONDS = 20;

// ------------------------------------------------------------------------------- helpers ---

/** A connection, when the settings of the server are here. */
async function connect() {
  const connection = http2.connect(origin, { rejectUnauthorized: false });
  connection.on('error', () => {});
  await once(connection, 'remoteSettings');
  return connection;
}

/** Asks for a WebSocket; the stream and the head of the answer. */
async function ask(connection, headers = {}) {
  const stream = connection.request({
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':path': url.pathname,
    'sec-websocket-version': '13',
    ...headers,
  });
  const [head] = await once(stream, 'response');
  return { stream, head };
}

/** A WebSocket over a stream of the connection. */
async function open(connection, headers) {
  const { stream, head } = await ask(connection, headers);
  assert.equal(head[':status'], 200);
  stream.setNoDelay = () => {}; // what `ws` expects of a socket beside what a stream is
  // Without an address no option has a default: a close would have no time to be answered.
  const ws = new WebSocket(null, undefined, { closeTimeout: 20_000 });
  // It was made by nobody's handshake, so it would take itself for a server.
  ws._isServer = false;
  ws.setSocket(stream, Buffer.alloc(0), { maxPayload: 16 * 1024 * 1024, skipUTF8Validation: false });
  return ws;
}

async function echoes(ws, message) {
  const answer = once(ws, 'message');
  ws.send(message);
  const [data, isBinary] = await answer;
  const got = isBinary ? data : data.toString();
  const equal = Buffer.isBuffer(message) ? Buffer.isBuffer(got) && got.equals(message) : got === message;
  assert.ok(equal, `got ${String(got).slice(0, 60)}`);
}

async function close(ws, code) {
  const closed = once(ws, 'close');
  ws.close(code);
  return (await closed)[0];
}

// -------------------------------------------------------------------------------- checks ---

const checks = {
  async 'the settings offer WebSockets'() {
    const connection = await connect();
    assert.equal(connection.remoteSettings.enableConnectProtocol, true);
    if (url.protocol === 'wss:') assert.equal(connection.alpnProtocol, 'h2');
    connection.close();
  },

  async 'text and binary, from nothing to 4 MiB'() {
    const connection = await connect();
    const ws = await open(connection);
    await echoes(ws, 'aé€𝄞');
    for (const size of [0, 1, 126, 65_536, 4 * 1024 * 1024]) await echoes(ws, Buffer.alloc(size, 'bytes'));
    assert.equal(await close(ws, 4000), 4000);
    connection.close();
    await once(connection, 'close');
  },

  async '50 sockets over one connection, and the page beside them'() {
    const connection = await connect();
    const all = await Promise.all(Array.from({ length: 50 }, () => open(connection)));
    await Promise.all(
      all.map(async (ws, number) => {
        for (let turn = 0; turn < 5; turn++) await echoes(ws, `socket ${number}, turn ${turn}`);
      }),
    );
    const page = connection.request({ ':path': '/' });
    const [head] = await once(page, 'response');
    assert.equal(head[':status'], 200);
    page.resume();
    await once(page, 'end');
    await Promise.all(all.map((ws) => close(ws, 1000)));
    connection.close();
    await once(connection, 'close');
  },

  async 'a ping is answered'() {
    const connection = await connect();
    const ws = await open(connection);
    const pong = once(ws, 'pong');
    ws.ping('payload');
    assert.equal(String((await pong)[0]), 'payload');
    await close(ws, 1000);
    connection.close();
  },

  async 'a page of the same host may connect, and no other'() {
    const connection = await connect();
    const ws = await open(connection, { origin });
    await close(ws, 1000);
    const { stream, head } = await ask(connection, { origin: 'https://evil.example' });
    assert.equal(head[':status'], 403);
    stream.resume();
    await once(stream, 'end');
    connection.close();
  },

  async 'what is no WebSocket is refused, and the connection stays'() {
    const connection = await connect();
    for (const [headers, status] of [
      [{ ':path': '/missing' }, 404],
      [{ 'sec-websocket-version': '12' }, 426],
      [{ ':protocol': 'connect-udp' }, 501],
    ]) {
      const { stream, head } = await ask(connection, headers);
      assert.equal(head[':status'], status);
      stream.resume();
      await once(stream, 'end');
    }
    const proxying = connection.request({ ':method': 'CONNECT', ':authority': 'example.org:443' });
    const [head] = await once(proxying, 'response');
    assert.equal(head[':status'], 405);
    proxying.close();
    const ws = await open(connection);
    await echoes(ws, 'still here');
    await close(ws, 1000);
    connection.close();
  },
};

// ------------------------------------------------------------------------------------------

let passed = 0;
let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${CHECK_SECONDS} s`)), CHECK_SECONDS * 1000);
  });
  try {
    await Promise.race([check(), late]);
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}: ${error.message}`);
  } finally {
    clearTimeout(timer);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
