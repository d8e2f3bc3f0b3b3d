// The page of the chat example in headless Chromium, used as people use it.
//
//     NODE_PATH=… node chat_page.mjs CHAT [SCREENSHOTS]
//
//     CHAT          the program of the example; it is started and ended here, on a free port
//     SCREENSHOTS   the folder for pictures of cases that failed (default: target/browser)
//     CHROMIUM      in the environment: the browser (default: the first of chromium,
//                   chromium-browser, google-chrome)
//     ONLY          in the environment: run only cases with this in their name
//
// Prints a line per case. The last line is `N passed, N failed`, and the exit status is 1 if any
// failed.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

// Not `import`, which heeds no NODE_PATH: it is installed outside of the sources.
const { chromium } = createRequire(import.meta.url)('playwright-core');

const [program, folder = fileURLToPath(new URL('../../target/browser', import.meta.url))] =
  process.argv.slice(2);
if (!program) {
  console.error('usage: node chat_page.mjs CHAT [SCREENSHOTS]');
  process.exit(2);
}

const STEP = 10_000; // ms; how long anything that a case waits for may take
const CASE_SECONDS = 60;
const RUN_SECONDS = 270;
const HISTORY = 50; // how many messages the server keeps
const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 360, height: 640 };

// ---------------------------------------------------------------------------- the server ---

const server = {
  process: null,
  url: '',
  complaints: '', // what it wrote to stderr

  async start() {
    // The first port is free, and the others are the same: pages that are open know only that.
    const address = this.url ? new URL(this.url).host : '127.0.0.1:0';
    this.process = spawn(program, [address], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stderr.on('data', (data) => (this.complaints += data));
    const failure = once(this.process, 'error').then(([error]) => Promise.reject(error));
    failure.catch(() => {});
    const said = (async () => {
      for await (const line of createInterface({ input: this.process.stdout })) {
        const match = /^listening on (http:\/\/\S+)/.exec(line);
        if (match) return match[1];
      }
      throw new Error(`the server did not say where it listens: ${this.complaints}`);
    })();
    this.url = `${await within(20, () => Promise.race([said, failure]))}/`;
  },

  async stop(signal = 'SIGTERM') {
    if (!this.process) return;
    const { process } = this;
    this.process = null;
    if (process.exitCode !== null || process.signalCode !== null) {
      throw new Error(`the server had ended by itself: ${this.complaints}`);
    }
    const ended = once(process, 'exit');
    process.kill(signal);
    const [code] = await within(20, () => ended);
    if (signal === 'SIGTERM') assert.equal(code, 0, `the server ended badly: ${this.complaints}`);
  },
};

// ----------------------------------------------------------------------------- the pages ---

let browser;
let contexts = []; // those of the case that runs
const elsewhere = new Set(); // addresses that are not the server's
const errors = []; // what the pages complained about
let expected = null; // complaints of the browser's that the case that runs provokes
const seen = { requests: 0, sockets: 0 };

/** Somebody with a browser of their own, at the door. */
async function visitor(room = '', options = {}) {
  const context = await browser.newContext({ viewport: WIDE, ...options });
  contexts.push(context);
  context.setDefaultTimeout(STEP);
  const local = (address) => {
    const url = new URL(address);
    return ['data:', 'about:'].includes(url.protocol) || url.host === new URL(server.url).host;
  };
  const check = (address) => local(address) || elsewhere.add(address);
  context.on('request', (request) => {
    seen.requests += 1;
    check(request.url());
  });
  context.on('weberror', (error) => errors.push(`${error.error().stack}`));
  context.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return;
    if (expected?.test(message.text())) return;
    errors.push(`${message.text()} (${message.location().url})`);
  });
  const page = await context.newPage();
  page.on('websocket', (socket) => {
    seen.sockets += 1;
    check(socket.url());
  });
  await page.goto(`${server.url}${room && `#${encodeURIComponent(room)}`}`);
  return page;
}

/** Fills in the form and presses the button. */
async function knock(page, nick, room) {
  await page.getByLabel('Your name').fill(nick);
  await page.getByLabel('Room').fill(room);
  await page.getByRole('button', { name: 'Join' }).click();
}

/** Somebody who has been let in. */
async function join(nick, room, options) {
  const page = await visitor('', options);
  await knock(page, nick, room);
  await connected(page);
  await shows(page, people, (nicks, nick) => nicks.includes(nick), nick);
  return page;
}

const connected = (page, timeout) =>
  page.getByRole('status').getByText('Connected', { exact: true }).waitFor({ timeout });

const composer = (page) => page.getByRole('textbox', { name: /essage to / });
const messages = (page) => page.getByRole('log');

async function say(page, text) {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

/** Waits until these texts are in the log. */
async function hears(page, ...texts) {
  for (const text of texts) await messages(page).getByText(text, { exact: true }).waitFor();
}

const person = (page, nick) =>
  page.getByRole('button', { name: `${nick}, write privately`, exact: true });

// What a person reads, taken from the page.

const people = (page) => page.locator('#people .name').allTextContents();
const texts = (page) => messages(page).locator('.text').allTextContents();
/** All that is on the page, hidden or not: also what is typed and what tooltips say. */
const everything = (page) =>
  page.evaluate(() => {
    const fields = [...document.querySelectorAll('input, textarea')];
    return [document.documentElement.outerHTML, ...fields.map((field) => field.value)].join(' ');
  });

/** Waits until `holds` is true for what `read` gives; asks again with each frame of the page. */
async function shows(page, read, holds, wanted) {
  const deadline = Date.now() + STEP;
  for (;;) {
    const got = await read(page);
    if (holds(got, wanted)) return got;
    if (Date.now() > deadline) {
      throw new Error(`shows ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
    }
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}

const sameMembers = (got, wanted) => JSON.stringify([...got].sort()) === JSON.stringify([...wanted].sort());

/** Waits until exactly these are listed as being here. */
async function here(page, ...nicks) {
  await shows(page, people, sameMembers, nicks);
  await page.getByRole('complementary', { name: `Here: ${nicks.length}`, exact: true }).waitFor();
}

// ---------------------------------------------------------------- looks, measured in the page ---

/**
 * Texts that stand out too little from what is behind them: WCAG wants 4.5:1. Takes every element
 * that has text of its own, the fields and their placeholders. `hues` tries the colours that other
 * names would have.
 */
function faintTexts() {
  const parse = (colour) => {
    const match = /^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/.exec(colour);
    if (!match) throw new Error(`a colour in another notation: ${colour}`);
    return [...match.slice(1, 4).map(Number), match[4] === undefined ? 1 : Number(match[4])];
  };
  const over = (top, below) => {
    const alpha = top[3];
    return [0, 1, 2].map((i) => top[i] * alpha + below[i] * (1 - alpha)).concat(1);
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((part) => {
      const x = part / 255;
      return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const style = getComputedStyle(e);
      if (style.opacity !== '1') throw new Error(`opacity, which is not computed here: ${e.outerHTML}`);
      layers.push(parse(style.backgroundColor));
    }
    return layers.reduceRight((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const faint = [];
  let looked = 0;
  const look = (element, colour, what) => {
    looked += 1;
    const ground = behind(element);
    const [a, b] = [luminance(over(parse(colour), ground)), luminance(ground)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${what}: ${ratio.toFixed(2)}`);
  };
  for (const element of document.body.querySelectorAll('*')) {
    if (!element.checkVisibility() || element.closest('.unseen')) continue;
    const style = getComputedStyle(element);
    const name = `${element.tagName.toLowerCase()}.${element.className} “${element.textContent.slice(0, 30)}”`;
    if (element.placeholder) look(element, getComputedStyle(element, '::placeholder').color, `placeholder of ${name}`);
    const field = element.matches('input, textarea');
    const ownText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (field || ownText) look(element, style.color, name);
    // A name has the colour that follows from it, and there are more names than a test has people.
    const hued = element.closest('[style*="--hue"]');
    if (!hued || !ownText || !element.matches('.who b, .face')) continue;
    const before = hued.style.getPropertyValue('--hue');
    for (let hue = 0; hue < 360; hue += 4) {
      hued.style.setProperty('--hue', hue);
      look(element, getComputedStyle(element).color, `${name} with hue ${hue}`);
    }
    hued.style.setProperty('--hue', before);
  }
  return { faint: faint.slice(0, 5), looked };
}

/** What is wrong with the layout: a page that scrolls, things cut off, a composer out of sight. */
function misplaced() {
  const wrong = [];
  const width = document.documentElement.clientWidth;
  const height = window.innerHeight;
  const name = (element) => `${element.tagName.toLowerCase()}#${element.id}.${element.className}`;
  for (const element of [document.documentElement, document.body, document.getElementById('log')]) {
    if (element.scrollWidth > element.clientWidth) {
      wrong.push(`${name(element)} is ${element.scrollWidth} wide in ${element.clientWidth}`);
    }
  }
  if (document.documentElement.scrollHeight > height && !document.getElementById('room').hidden) {
    wrong.push(`the room is ${document.documentElement.scrollHeight} high in ${height}`);
  }
  for (const element of document.body.querySelectorAll('*')) {
    // The strip of people scrolls by itself.
    if (!element.checkVisibility() || element.closest('.unseen, .people')) continue;
    const { left, right, top, bottom } = element.getBoundingClientRect();
    if (left < -0.5 || right > width + 0.5) wrong.push(`${name(element)} goes from ${left} to ${right} of ${width}`);
    if (element.closest('.top, .composer, .trouble') && (top < -0.5 || bottom > height + 0.5)) {
      wrong.push(`${name(element)} goes from ${top} to ${bottom} of ${height}`);
    }
    // A text that is cut off without a mark of it.
    const style = getComputedStyle(element);
    if (
      element.scrollWidth > element.clientWidth + 1 &&
      style.display !== 'inline' &&
      !element.matches('input, textarea') &&
      style.textOverflow !== 'ellipsis'
    ) {
      wrong.push(`${name(element)} holds ${element.scrollWidth} in ${element.clientWidth}`);
    }
  }
  return wrong.slice(0, 5);
}

async function wellPlaced(page, when) {
  assert.deepEqual(await page.evaluate(misplaced), [], when);
}

/** The focus is where it should be, and one sees it there. */
async function focusIs(page, locator, when) {
  const element = await locator.elementHandle();
  try {
    await page.waitForFunction((element) => document.activeElement === element, element);
  } catch {
    const instead = await page.evaluate(() => document.activeElement.outerHTML.slice(0, 80));
    throw new Error(`${when}: the focus is on ${instead}`);
  }
  const seen = await element.evaluate((element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const { left, right, top, bottom } = element.getBoundingClientRect();
    return {
      visible: element.matches(':focus-visible') && outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
      inside: left >= 0 && top >= 0 && right <= window.innerWidth && bottom <= window.innerHeight,
    };
  });
  assert.deepEqual(seen, { visible: true, inside: true }, `${when}: the focus is not seen`);
}

/** Presses Tab (or Shift+Tab) until the focus is there; a person would not do it for ever. */
async function tabTo(page, locator, key = 'Tab') {
  const element = await locator.elementHandle();
  for (let presses = 0; presses < 12; presses += 1) {
    await page.keyboard.press(key);
    if (await element.evaluate((element) => element === document.activeElement)) {
      return focusIs(page, locator, `after ${key}`);
    }
  }
  throw new Error(`${key} does not lead to ${locator}`);
}

/** The tree that a screen reader gets: what is not ignored, with computed role, name and state. */
async function spoken(page) {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  return nodes
    .filter((node) => !node.ignored)
    .map(({ role, name, properties = [] }) => ({
      role: role?.value,
      name: name?.value ?? '',
      ...Object.fromEntries(properties.map(({ name, value }) => [name, value.value])),
    }));
}

async function allNamed(page, when) {
  const nodes = await spoken(page);
  const controls = nodes.filter((node) => node.focusable && node.role !== 'RootWebArea');
  assert.ok(controls.length >= 3, `${when}: only ${controls.length} controls`);
  assert.deepEqual(controls.filter((node) => !node.name.trim()), [], `${when}: without a name`);
  // Two that do different things are not called the same.
  const names = controls.map(({ role, name }) => `${role} ${name}`);
  assert.deepEqual(names, [...new Set(names)], `${when}: names that occur twice`);
  return nodes;
}

/** A connection that is lost and comes back. */
async function losesAndFinds(signal) {
  const room = `restart ${signal}`;
  const ann = await join('ann', room);
  const bob = await join('bob', room);
  await say(ann, 'before');
  await hears(bob, 'before');
  await composer(ann).fill('half a thought');
  await server.stop(signal);
  for (const page of [ann, bob]) {
    await page.getByRole('status').getByText('Connection lost').or(page.getByText('Reconnecting…')).waitFor();
    await page.getByText('The server does not answer.').waitFor();
    await page.getByRole('button', { name: 'Try now' }).waitFor();
  }
  // Sending what cannot be sent loses nothing and says so.
  await composer(ann).press('Enter');
  await ann.getByRole('alert').getByText('Not sent').waitFor();
  assert.equal(await composer(ann).inputValue(), 'half a thought');
  assert.ok(!(await texts(ann)).includes('half a thought'), 'shown as if it had been sent');

  await server.start();
  // The wait of a page doubles with each failure, and the machine may be slow.
  for (const page of [ann, bob]) {
    await connected(page, 30_000);
    await page.getByRole('button', { name: 'Try now' }).waitFor({ state: 'hidden' });
    await here(page, 'ann', 'bob');
    await hears(page, 'You are back', 'before');
  }
  assert.equal(await composer(ann).inputValue(), 'half a thought');
  assert.equal(await ann.getByRole('alert').innerText(), '', 'still says that it was not sent');
  await composer(ann).press('Enter');
  await say(bob, 'after');
  for (const page of [ann, bob]) {
    await hears(page, 'half a thought', 'after');
    assert.equal((await texts(page)).filter((text) => text === 'half a thought').length, 1);
  }
}

// --------------------------------------------------------------------------------- cases ---

const LONG_NICK = 'W'.repeat(24);
const LONG_WORD = 'Donaudampfschiff'.repeat(40);

const cases = {
  async 'two people talk, and each sees who is here'() {
    const ann = await join('ann', 'talk');
    const bob = await join('bob', 'talk');
    await here(ann, 'ann', 'bob');
    await here(bob, 'ann', 'bob');
    await hears(ann, 'bob joined');
    await say(ann, 'hello bob');
    await hears(ann, 'hello bob');
    await hears(bob, 'hello bob');
    await say(bob, 'hello ann');
    await hears(bob, 'hello ann');
    await hears(ann, 'hello ann');
    assert.deepEqual(await texts(ann), ['hello bob', 'hello ann']);
    assert.deepEqual(await texts(bob), ['hello bob', 'hello ann']);
    assert.equal(await composer(ann).inputValue(), '', 'what was sent is still in the field');
    // Who said it.
    const who = (page) => messages(page).locator('.message .who b').allTextContents();
    assert.deepEqual(await who(ann), ['You', 'bob']);
    assert.deepEqual(await who(bob), ['ann', 'You']);
    await bob.getByRole('button', { name: 'Leave' }).click();
    await hears(ann, 'bob left');
    await here(ann, 'ann');
  },

  async 'a reload leaves and joins again'() {
    // The new page may come before the server has seen the old one go: it tries again.
    expected = /WebSocket connection .* 409/;
    const ann = await join('ann', 'reload');
    const bob = await join('bob', 'reload');
    await say(bob, 'before the reload');
    await hears(ann, 'before the reload', 'bob joined');
    await bob.reload();
    await connected(bob);
    await hears(ann, 'bob left');
    await shows(ann, (page) => messages(page).locator('.event').allTextContents(),
      (events, wanted) => events.slice(-2).join() === wanted, 'bob left,bob joined');
    await hears(bob, 'before the reload');
    await here(bob, 'ann', 'bob');
    await here(ann, 'ann', 'bob');
    await say(ann, 'welcome back');
    await hears(bob, 'welcome back');
    // What has been left with the button is not joined by a reload.
    await bob.getByRole('button', { name: 'Leave' }).click();
    await bob.reload();
    await bob.getByRole('button', { name: 'Join' }).waitFor();
    assert.equal(await bob.getByLabel('Your name').inputValue(), 'bob');
  },

  async 'who comes late sees the last messages'() {
    const ann = await join('ann', 'late');
    const said = Array.from({ length: HISTORY + 3 }, (_, number) => `message ${number}`);
    for (const text of said) {
      await say(ann, text);
      await hears(ann, text);
    }
    const bob = await join('bob', 'late');
    await hears(bob, said.at(-1));
    assert.deepEqual(await texts(bob), said.slice(-HISTORY));
    // The newest is in sight, and so is it when one more comes.
    const inSight = (text) => messages(bob).getByText(text, { exact: true }).evaluate((element) => {
      const box = element.getBoundingClientRect();
      const log = element.closest('[role=log]').getBoundingClientRect();
      return box.top >= log.top && box.bottom <= log.bottom;
    });
    assert.ok(await inSight(said.at(-1)), 'the newest message is out of sight');
    await say(ann, 'and one more');
    await hears(bob, 'and one more');
    assert.ok(await inSight('and one more'), 'the newest message is out of sight');
    // Who reads further up stays there, and is told.
    await messages(bob).evaluate((log) => log.scrollTo({ top: 0, behavior: 'instant' }));
    await shows(bob, (page) => messages(page).evaluate((log) => log.scrollTop), (top) => top === 0, 0);
    await bob.evaluate(() => new Promise(requestAnimationFrame)); // the scroll event comes with the frame
    await say(ann, 'while you read');
    await bob.getByRole('button', { name: 'New messages' }).click();
    await shows(bob, () => inSight('while you read'), Boolean, true);
  },

  async 'a private message is seen by two only'() {
    const ann = await join('ann', 'private');
    const bob = await join('bob', 'private');
    const cid = await join('cid', 'private');
    await here(ann, 'ann', 'bob', 'cid');
    await person(ann, 'bob').click();
    await ann.getByText('Private, only for bob').waitFor();
    await say(ann, 'a secret');
    for (const page of [ann, bob]) {
      await hears(page, 'a secret');
      assert.equal(await messages(page).locator('.message.private').count(), 1, 'not marked as private');
    }
    await bob.getByRole('button', { name: 'Reply privately to ann' }).click();
    await say(bob, 'I keep it');
    await hears(ann, 'I keep it');
    await hears(bob, 'I keep it');
    // The next one is private too, until one says otherwise.
    await say(ann, 'and another');
    await hears(bob, 'and another');
    await ann.getByRole('button', { name: 'Back to everyone' }).click();
    await say(ann, 'for all');
    // All messages come in order: what is not there now does not come.
    await hears(cid, 'for all');
    const page = await everything(cid);
    for (const text of ['a secret', 'I keep it', 'and another']) {
      assert.ok(!page.includes(text), `cid got “${text}”`);
    }
    // Nor does it come with the history.
    const dan = await join('dan', 'private');
    await hears(dan, 'for all');
    assert.deepEqual(await texts(dan), ['for all']);
  },

  async 'a private message to somebody who has left is kept'() {
    const ann = await join('ann', 'gone');
    const bob = await join('bob', 'gone');
    await person(ann, 'bob').click();
    await composer(ann).fill('too late');
    await bob.getByRole('button', { name: 'Leave' }).click();
    await here(ann, 'ann');
    await composer(ann).press('Enter');
    await ann.getByRole('alert').getByText('bob is not here any more').waitFor();
    assert.equal(await composer(ann).inputValue(), 'too late');
  },

  async 'a nick that somebody has is refused, and another one is taken'() {
    expected = /WebSocket connection .* 409/;
    const ann = await join('ann', 'doubled');
    const other = await visitor();
    await knock(other, 'ann', 'doubled');
    const refusal = other.getByRole('alert');
    await refusal.getByText('somebody called “ann” is probably here already').waitFor();
    const name = other.getByLabel('Your name');
    await focusIs(other, name, 'after the refusal');
    assert.equal(await name.getAttribute('aria-invalid'), 'true');
    assert.deepEqual(await people(ann), ['ann']);
    // The name is selected, so that typing replaces it.
    await other.keyboard.type('bob');
    await other.keyboard.press('Enter');
    await connected(other);
    await here(other, 'ann', 'bob');
    await here(ann, 'ann', 'bob');
    // A nick is one person's, whatever the room: private messages go by it.
    const third = await visitor();
    await knock(third, 'ann', 'not doubled');
    await third.getByRole('alert').getByText('is probably here already').waitFor();
  },

  async 'a room keeps its messages to itself'() {
    const ann = await join('ann', 'lobby');
    const bob = await join('bob', 'back room');
    const cid = await join('cid', 'back room');
    await say(bob, 'only in the back');
    await hears(cid, 'only in the back');
    await say(ann, 'only in the lobby');
    await hears(ann, 'only in the lobby');
    await say(bob, 'the end');
    await hears(cid, 'the end');
    assert.ok(!(await everything(ann)).includes('only in the back'));
    assert.deepEqual(await texts(cid), ['only in the back', 'the end']);
    await here(ann, 'ann');
    await here(cid, 'bob', 'cid');
    // The address of the page leads to the room.
    const dan = await visitor('back room');
    assert.equal(await dan.getByLabel('Room').inputValue(), 'back room');
    assert.ok(bob.url().endsWith('#back%20room'), bob.url());
  },

  async 'signs that mean something in an address are part of names'() {
    const room = '50%/?#&+é \u{1f600}';
    const ann = await join('ann&x=1#+%', room);
    const bob = await join('bób 💬', room);
    await here(ann, 'ann&x=1#+%', 'bób 💬');
    await ann.getByRole('heading', { name: room }).waitFor();
    await say(bob, 'here');
    await hears(ann, 'here');
    const late = await visitor(room);
    assert.equal(await late.getByLabel('Room').inputValue(), room);
  },

  async 'what people write is text, never HTML'() {
    expected = /WebSocket connection .* 409/;
    const nick = '<img src=x onerror=p()>';
    const room = '<img src=x onerror=p()>&amp;<s>room</s>';
    const text = '<img src=x onerror=p()><script>p()</script><svg onload=p()>&lt;';
    const pages = [];
    const strict = async (page) => {
      await page.addInitScript(() => { window.p = () => { window.ran = true; }; });
      await page.reload();
      pages.push(page);
    };
    const ann = await visitor();
    await strict(ann);
    await knock(ann, nick, room);
    await connected(ann);
    const bob = await visitor();
    await strict(bob);
    await knock(bob, nick, room); // doubled: the refusal names both
    await bob.getByRole('alert').getByText(nick).first().waitFor();
    await knock(bob, 'bob', room);
    await connected(bob);
    await bob.getByRole('heading', { name: room }).waitFor();
    await here(bob, 'bob', nick);
    await hears(ann, 'bob joined');
    await say(ann, text);
    await hears(ann, text);
    await hears(bob, text);
    await bob.locator('#people').getByRole('button').click();
    await bob.getByText(`Private, only for ${nick}`).waitFor();
    await say(bob, text + text);
    await hears(ann, text + text);
    await hears(bob, text + text);
    const late = await visitor();
    await strict(late);
    await knock(late, 'late', room);
    await hears(late, text);
    await ann.getByRole('button', { name: 'Leave' }).click();
    await hears(bob, `${nick} left`);
    await composer(bob).press('x');
    await composer(bob).press('Enter');
    await bob.getByRole('alert').getByText(`${nick} is not here`).waitFor();
    for (const page of pages) {
      // A picture that is not there says so in a later task: after the load of one that we ask for.
      await page.evaluate(() => new Promise((done) => {
        const picture = new Image();
        picture.onload = picture.onerror = done;
        picture.src = 'data:image/png;base64,AA==';
      }));
      const found = await page.evaluate(() => ({
        ran: window.ran ?? false,
        elements: document.querySelectorAll('img, svg, s, body script ~ script').length,
      }));
      assert.deepEqual(found, { ran: false, elements: 0 });
    }
  },

  async 'several lines: Shift and Enter'() {
    const ann = await join('ann', 'lines');
    await composer(ann).fill('one');
    await composer(ann).press('Shift+Enter');
    await ann.keyboard.type('two');
    await composer(ann).press('Enter');
    await shows(ann, texts, sameMembers, ['one\ntwo']);
    const lines = await messages(ann).locator('.text').evaluate((element) =>
      Math.round(element.getBoundingClientRect().height / parseFloat(getComputedStyle(element).lineHeight)));
    assert.equal(lines, 2);
    // Blanks are no message.
    await say(ann, '   ');
    await say(ann, 'three');
    await shows(ann, texts, sameMembers, ['one\ntwo', 'three']);
  },

  async 'the server ends in order and comes back: so do the pages'() {
    expected = /ERR_|WebSocket connection/;
    await losesAndFinds('SIGTERM');
  },

  async 'the server is killed and comes back: so do the pages'() {
    expected = /ERR_|WebSocket connection/;
    await losesAndFinds('SIGKILL');
  },

  async 'with the keyboard alone'() {
    const bob = await join('bob', 'keys');
    const page = await visitor();
    await focusIs(page, page.getByLabel('Your name'), 'at first');
    await page.keyboard.type('ann');
    await page.keyboard.press('Tab');
    await focusIs(page, page.getByLabel('Room'), 'after the name');
    await page.keyboard.type('keys'); // replaces what is proposed
    await page.keyboard.press('Tab');
    await focusIs(page, page.getByRole('button', { name: 'Join' }), 'after the room');
    await page.keyboard.press('Enter');
    await connected(page);
    await here(page, 'ann', 'bob');
    await focusIs(page, composer(page), 'after joining');
    await page.keyboard.type('typed');
    await page.keyboard.press('Tab');
    await focusIs(page, page.getByRole('button', { name: 'Send' }), 'after writing');
    await page.keyboard.press('Enter');
    await hears(bob, 'typed');
    await focusIs(page, composer(page), 'after sending with the button');
    await page.keyboard.type('with Enter');
    await page.keyboard.press('Enter');
    await hears(bob, 'with Enter');
    await focusIs(page, composer(page), 'after sending with Enter');
    // Choose a person.
    await tabTo(page, person(page, 'bob'), 'Shift+Tab');
    await page.keyboard.press('Enter');
    await focusIs(page, composer(page), 'after choosing a person');
    await page.getByText('Private, only for bob').waitFor();
    assert.equal(await person(page, 'bob').getAttribute('aria-pressed'), 'true');
    await page.keyboard.type('psst');
    await page.keyboard.press('Enter');
    await bob.getByText('privately to you').waitFor();
    await focusIs(page, composer(page), 'after a private message');
    await page.keyboard.press('Escape');
    await page.getByText('Private, only for bob').waitFor({ state: 'hidden' });
    await focusIs(page, composer(page), 'after Escape');
    // The same from somewhere else than the field.
    await tabTo(page, person(page, 'bob'), 'Shift+Tab');
    await page.keyboard.press('Enter');
    await tabTo(page, messages(page), 'Shift+Tab');
    await page.keyboard.press('Escape');
    await page.getByText('Private, only for bob').waitFor({ state: 'hidden' });
    await focusIs(page, composer(page), 'after Escape in the log');
    // Answer a private message.
    await person(bob, 'ann').click();
    await say(bob, 'psst, too');
    await hears(page, 'psst, too');
    await tabTo(page, page.getByRole('button', { name: 'Reply privately to bob' }), 'Shift+Tab');
    await page.keyboard.press('Enter');
    await focusIs(page, composer(page), 'after Reply');
    await page.keyboard.press('Escape');
    // Somebody who has the focus leaves.
    await tabTo(page, person(page, 'bob'), 'Shift+Tab');
    await bob.getByRole('button', { name: 'Leave' }).click();
    await here(page, 'ann');
    await focusIs(page, composer(page), 'after the person in focus left');
    await tabTo(page, page.getByRole('button', { name: 'Leave' }), 'Shift+Tab');
    await page.keyboard.press('Enter');
    await focusIs(page, page.getByLabel('Your name'), 'after leaving');
  },

  async 'narrow and wide, with long names and words'() {
    expected = /ERR_|WebSocket connection/;
    const room = 'M'.repeat(40);
    for (const [viewport, nick] of [[NARROW, LONG_NICK], [WIDE, 'V'.repeat(24)]]) {
      const size = `${viewport.width}x${viewport.height}`;
      const page = await visitor(room, { viewport });
      await wellPlaced(page, `${size}, at the door`);
      await knock(page, nick, room);
      await connected(page);
      await wellPlaced(page, `${size}, in the empty room`);
      await say(page, LONG_WORD);
      await hears(page, LONG_WORD);
      const other = await join('i'.repeat(24), room);
      await say(other, LONG_WORD.toUpperCase());
      await hears(page, LONG_WORD.toUpperCase());
      await person(other, nick).click();
      await say(other, LONG_WORD.toLowerCase());
      await hears(page, LONG_WORD.toLowerCase());
      await wellPlaced(page, `${size}, with messages`);
      await person(page, 'i'.repeat(24)).click();
      await wellPlaced(page, `${size}, writing to one`);
      await composer(page).fill(Array.from({ length: 30 }, (_, line) => `line ${line}`).join('\n'));
      await wellPlaced(page, `${size}, writing much`);
      const left = await messages(page).evaluate((log) => log.clientHeight);
      assert.ok(left > 120, `${size}: only ${left} pixels are left for the messages`);
      const refused = await visitor('', { viewport });
      await knock(refused, nick, room);
      await refused.getByRole('alert').getByText('somebody called').waitFor();
      await wellPlaced(refused, `${size}, refused`);
      await server.stop();
      await page.getByText('The server does not answer.').waitFor();
      await composer(page).press('Enter');
      await page.getByRole('alert').getByText('Not sent').waitFor();
      await wellPlaced(page, `${size}, without a connection`);
      await server.start();
      await page.context().close();
      await other.context().close();
    }
  },

  async 'every control has a name, and the log is read out as it grows'() {
    const ann = await visitor();
    await allNamed(ann, 'at the door');
    assert.equal(await ann.title(), 'Chat');
    assert.equal(await ann.locator('html').getAttribute('lang'), 'en');
    await knock(ann, 'ann', 'names');
    await connected(ann);
    const bob = await join('bob', 'names');
    const cid = await join('cid', 'names');
    for (const page of [bob, cid]) {
      await person(page, 'ann').click();
      await say(page, 'psst');
    }
    await ann.getByRole('button', { name: 'Reply privately to bob' }).waitFor();
    await ann.getByRole('button', { name: 'Reply privately to cid' }).waitFor();
    await person(ann, 'bob').click();
    assert.match(await ann.title(), /names/);
    const nodes = await allNamed(ann, 'in the room');
    const log = nodes.find((node) => node.role === 'log');
    assert.ok(log, 'there is no log');
    assert.equal(log.name, 'Messages');
    assert.equal(log.live, 'polite');
    assert.ok(!log.busy, 'the log is busy for ever, and so is not read out');
    assert.ok(nodes.some((node) => node.role === 'status'), 'there is no status');
    assert.ok(nodes.some((node) => node.role === 'heading' && node.name.includes('names')), 'no heading');
    assert.ok(nodes.some((node) => node.role === 'textbox' && node.name === 'Private message to bob'));
    for (const role of ['main', 'banner', 'complementary']) {
      assert.equal(nodes.filter((node) => node.role === role).length, 1, `not one ${role}`);
    }
  },

  async 'texts stand out from what is behind them, in light and dark'() {
    expected = /ERR_|WebSocket connection/;
    const quiet = { reducedMotion: 'reduce' }; // not measured while it moves
    const ann = await join('ann', 'contrast', quiet);
    const bob = await join('bob', 'contrast', quiet);
    const other = await visitor('', quiet);
    const inBoth = async (page, when) => {
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        const { faint, looked } = await page.evaluate(faintTexts);
        assert.deepEqual(faint, [], `${colorScheme}, ${when}`);
        assert.ok(looked >= 6, `only ${looked} texts`);
      }
    };
    await inBoth(other, 'at the door');
    await knock(other, 'ann', 'contrast');
    await other.getByRole('alert').getByText('somebody called').waitFor();
    await inBoth(other, 'refused');
    await say(ann, 'hello');
    await say(bob, 'hello too');
    await person(ann, 'bob').click();
    await say(ann, 'psst');
    await person(bob, 'ann').click();
    await say(bob, 'psst yourself');
    await hears(ann, 'psst', 'psst yourself', 'hello too', 'bob joined');
    await inBoth(ann, 'in the room');
    // Nobody would send this from the page: it asks to have a problem told.
    await ann.evaluate(() => room.connection.send({ type: 'tell', to: 'nobody', text: 'x' }));
    await messages(ann).getByText('nobody').waitFor();
    await inBoth(ann, 'with a problem');
    await composer(ann).fill('not sent');
    await server.stop();
    await ann.getByText('The server does not answer.').waitFor();
    await composer(ann).press('Enter');
    await ann.getByRole('alert').getByText('Not sent').waitFor();
    await inBoth(ann, 'without a connection');
    await server.start();
  },

  async 'nothing moves for people who do not want it'() {
    const moves = () => ({
      running: document.getAnimations().length,
      styled: [...document.querySelectorAll('*')].filter((element) => {
        const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(element);
        return animationName !== 'none' || parseFloat(transitionDuration) > 0 || scrollBehavior !== 'auto';
      }).map((element) => element.className),
    });
    const ann = await visitor('', { reducedMotion: 'reduce' });
    const still = async (when) => assert.deepEqual(await ann.evaluate(moves), { running: 0, styled: [] }, when);
    await still('at the door');
    await knock(ann, 'ann', 'still');
    await connected(ann);
    for (let number = 0; number < 20; number += 1) await say(ann, `message\n${number}`);
    await shows(ann, texts, (got) => got.length === 20, '20 messages');
    await still('with new messages');
    await messages(ann).evaluate((log) => log.scrollTo({ top: 0 }));
    await ann.evaluate(() => new Promise(requestAnimationFrame));
    const bob = await join('bob', 'still');
    await say(bob, 'the newest');
    await ann.getByRole('button', { name: 'New messages' }).click();
    await still('after a jump to the end');
    await ann.evaluate(() => { document.getElementById('room').dataset.state = 'connecting'; });
    await still('while connecting');
  },

  // The last one: it judges what the others have collected.
  async 'no errors in any page, and no request to anybody else'() {
    assert.ok(seen.requests > 20 && seen.sockets > 20, `only ${JSON.stringify(seen)}`);
    assert.deepEqual(errors, []);
    assert.deepEqual([...elsewhere], []);
  },
};

// ------------------------------------------------------------------------------------------

/** Runs something, but not for ever. */
async function within(seconds, run) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Pictures of all pages of the case; gives back where they are. */
async function screenshots(number) {
  const files = [];
  for (const page of contexts.flatMap((context) => context.pages())) {
    const file = path.join(folder, `case-${number}-page-${files.length + 1}.png`);
    try {
      await page.screenshot({ path: file, timeout: 5000 });
      files.push(path.relative('', file));
    } catch {
      // A page that hangs has no picture; the failure itself is what matters.
    }
  }
  return files;
}

function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const find = names.map((name) => `command -v ${name}`).join(' || ');
  return process.env.CHROMIUM || execFileSync('sh', ['-c', find], { encoding: 'utf8' }).trim();
}

const names = Object.keys(cases).filter((name) => name.includes(process.env.ONLY ?? ''));
let passed = 0;

function end() {
  console.log(`${passed} passed, ${names.length - passed} failed`);
  server.process?.kill('SIGKILL');
  // Not by running out of work: a case that failed may have left something open.
  process.exit(passed === names.length ? 0 : 1);
}

setTimeout(() => {
  console.log(`FAILED  the cases that are missing: not done within ${RUN_SECONDS} s`);
  end();
}, RUN_SECONDS * 1000);
process.on('exit', () => server.process?.kill('SIGKILL'));

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
await server.start();
browser = await chromium.launch({
  executablePath: findChromium(),
  // Chromium refuses to run as root with its sandbox; playwright switches it off unless told.
  chromiumSandbox: process.getuid() !== 0,
});

for (const [index, name] of names.entries()) {
  try {
    if (!server.process) await server.start(); // the case before failed while it was down
    await within(CASE_SECONDS, cases[name]);
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (error) {
    console.log(`FAILED  ${name}: ${error.message}`);
    const lines = [...(error.stack ?? '').matchAll(/chat_page\.mjs:(\d+)/g)].map((match) => match[1]);
    if (lines.length) console.log(`        in lines ${lines.join(', ')} of chat_page.mjs`);
    for (const file of await screenshots(index + 1)) console.log(`        see ${file}`);
  }
  await Promise.all(contexts.map((context) => context.close().catch(() => {})));
  contexts = [];
  expected = null;
}
await browser.close();
try {
  await server.stop();
} catch (error) {
  console.log(`FAILED  ${error.message}`);
  passed = Math.min(passed, names.length - 1);
}
if (passed < names.length && server.complaints) console.log(`what the server wrote to stderr:\n${server.complaints}`);
end();
