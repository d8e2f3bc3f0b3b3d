// The page of the `secure` example in headless Chromium: it talks over HTTP/2, its WebSocket too.
//
//     NODE_PATH=… node secure_page.mjs SECURE
//
//     SECURE     the program of the example; it is started and ended here, on a free port
//     CHROMIUM   in the environment: the browser (default: the first of chromium, chromium-browser,
//                google-chrome)
//
// Chromium shares the page's connection with a WebSocket where the settings of the server offer it, and
// opens one of HTTP/1.1 otherwise. The answer tells which it was: 200, or 101.
//
// Prints a line per case. The last line is `N passed, N failed`, and the exit status is 1 if any
// failed.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

// Not `import`, which heeds no NODE_PATH: it is installed outside of the sources.
const { chromium } = createRequire(import.meta.url)('playwright-core');

const [program] = process.argv.slice(2);
if (!program) {
  console.error('usage: node secure_page.mjs SECURE');
  process.exit(2);
}
const STEP = 10_000; // ms
const RUN_SECONDS = 100;

const running = spawn(program, ['127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
process.on('exit', () => running.kill('SIGKILL'));
setTimeout(() => {
  console.log(`FAILED  not done within ${RUN_SECONDS} s\n0 passed, 1 failed`);
  process.exit(1);
}, RUN_SECONDS * 1000).unref();

let url;
for await (const line of createInterface({ input: running.stdout })) {
  url = /listening on (https:\S+)/.exec(line)?.[1];
  if (url) break;
}
assert.ok(url, 'the example did not say where it listens');

function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const find = names.map((name) => `command -v ${name}`).join(' || ');
  return process.env.CHROMIUM || execFileSync('sh', ['-c', find], { encoding: 'utf8' }).trim();
}

const browser = await chromium.launch({
  executablePath: findChromium(),
  chromiumSandbox: process.getuid() !== 0,
  args: ['--ignore-certificate-errors'], // nobody has signed it
});

/** The page, connected, and the answers to its handshakes. */
async function visit() {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  page.setDefaultTimeout(STEP);
  const protocol = await context.newCDPSession(page);
  await protocol.send('Network.enable');
  const answers = [];
  protocol.on('Network.webSocketHandshakeResponseReceived', ({ response }) => answers.push(response));
  const pages = [];
  protocol.on('Network.responseReceived', ({ response }) => pages.push(response));
  await page.goto(url);
  await page.getByText('connected to').waitFor();
  return { context, page, answers, pages };
}

const cases = {
  async 'the page and its socket share a connection of HTTP/2'() {
    const { context, page, answers, pages } = await visit();
    assert.equal(pages[0].protocol, 'h2');
    await page.getByLabel('Message').fill('hello');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('listitem').getByText('hello').waitFor();
    assert.deepEqual(answers.map(({ status }) => status), [200]);
    await context.close();
  },

  async 'ten sockets of one page, each with its own messages'() {
    const { context, page, answers } = await visit();
    const echoed = await page.evaluate(async () => {
      const url = new URL('/echo', location.href);
      url.protocol = 'wss:';
      const talk = (number) => new Promise((resolve, reject) => {
        const socket = new WebSocket(url);
        const got = [];
        socket.onerror = () => reject(new Error('an error'));
        socket.onopen = () => socket.send('x'.repeat(number * 10_000) + number);
        socket.onmessage = ({ data }) => {
          got.push(data);
          if (got.length === 3) socket.close(4000 + number);
          else socket.send(data);
        };
        socket.onclose = ({ code, wasClean }) => resolve({ code, wasClean, same: new Set(got).size === 1 });
      });
      return Promise.all(Array.from({ length: 10 }, (_, number) => talk(number)));
    });
    const expected = Array.from({ length: 10 }, (_, i) => ({ code: 4000 + i, wasClean: true, same: true }));
    assert.deepEqual(echoed, expected);
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    assert.equal(answers.length, 11);
    await context.close();
  },

  // The last one: it ends the server.
  async 'a shutdown is told with 1001'() {
    const { page } = await visit();
    running.kill('SIGTERM');
    await page.getByText('closed: 1001').waitFor();
  },
};

let passed = 0;
for (const [name, run] of Object.entries(cases)) {
  try {
    await run();
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (error) {
    console.log(`FAILED  ${name}: ${error.message}`);
  }
}
await browser.close();
const failed = Object.keys(cases).length - passed;
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
