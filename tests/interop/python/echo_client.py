#!/usr/bin/env python3
"""The echo example, seen by Python's `websockets`.

    echo_client.py URL          for instance ws://127.0.0.1:8080/echo

Prints a line per check. The last line is `N passed, N failed`, and the exit status is 1 if any failed.
"""
import asyncio
import http.client
import sys
from urllib.parse import urlsplit

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

CHECKS = []
CHECK_SECONDS = 20
MAX_MESSAGE = 16 * 1024 * 1024  # what the echo example allows


def check(function):
    """Registers a check; the first line of its documentation is what is printed."""
    CHECKS.append(function)
    return function


def client(url, **options):
    # No proxy: this is loopback, whatever the environment says. No limit on our side: the server's
    # is the one under test.
    return connect(url, **{"proxy": None, "max_size": None, **options})


def equal(got, wanted, what):
    # Not the values themselves if they are long: a message may have 16 MiB.
    if got != wanted or type(got) is not type(wanted):
        raise AssertionError(f"{what}: got {str(got)[:60]!r}, wanted {str(wanted)[:60]!r}")


async def echoes(ws, message):
    await ws.send(message)
    equal(await ws.recv(), message, "echo")


def get(url, headers):
    """A plain HTTP GET: the status and the headers of its answer."""
    target = urlsplit(url)
    connection = http.client.HTTPConnection(target.netloc, timeout=CHECK_SECONDS)
    try:
        connection.request("GET", target.path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers
    finally:
        connection.close()


async def refused(url, status, **options):
    try:
        async with client(url, **options):
            raise AssertionError("was let in")
    except InvalidStatus as refusal:
        equal(refusal.response.status_code, status, "status")
        equal(refusal.response.headers.get("Connection"), "close", "Connection")


# ------------------------------------------------------------------------------- messages ---


@check
async def text(url):
    """text comes back as text"""
    async with client(url) as ws:
        await echoes(ws, "hello")


@check
async def binary(url):
    """binary comes back as binary"""
    async with client(url) as ws:
        await echoes(ws, bytes(range(256)))


@check
async def empty(url):
    """empty messages, text and binary"""
    async with client(url) as ws:
        await echoes(ws, "")
        await echoes(ws, b"")
        await echoes(ws, "not empty")


@check
async def unicode(url):
    """one to four bytes a character, NUL, the last code point"""
    async with client(url) as ws:
        await echoes(ws, "aé€𝄞 שלום 你好 👩‍🚀 \0 \U0010ffff")


@check
async def length_forms(url):
    """each form of the length field, and one off"""
    async with client(url) as ws:
        for length in (125, 126, 127, 65535, 65536, 65537):
            await echoes(ws, b"\xa5" * length)


@check
async def one_mebibyte(url):
    """1 MiB, text and binary"""
    async with client(url) as ws:
        await echoes(ws, "0123456789abcdef" * 65536)
        await echoes(ws, bytes(range(256)) * 4096)


@check
async def largest(url):
    """16 MiB, the most that is allowed"""
    async with client(url) as ws:
        await echoes(ws, bytes(range(256)) * (MAX_MESSAGE // 256))


@check
async def too_large(url):
    """one byte more is answered with close code 1009"""
    # Not `async with`, which closes again: asyncio stumbles over that if the connection ended while
    # there was something left to write.
    ws = await client(url)
    try:
        await ws.send(bytes(MAX_MESSAGE + 1))
    except ConnectionClosed:
        pass  # the answer may come while we are still sending
    await ws.wait_closed()
    equal(ws.close_code, 1009, "close code")


@check
async def fragmented(url):
    """fragmented messages, an empty fragment among them"""
    async with client(url) as ws:

        async def parts(whole):
            for part in (whole[:1], whole[1:2], whole[:0], whole[2:]):
                yield part

        for whole in ("fragments", b"of bytes"):
            await ws.send(parts(whole))
            equal(await ws.recv(), whole, "echo")


@check
async def ping_between_fragments(url):
    """a ping between two fragments is answered before the message ends"""
    async with client(url) as ws:

        async def parts():
            yield "before, "
            await (await ws.ping(b"between"))
            yield "after"

        await ws.send(parts())
        equal(await ws.recv(), "before, after", "echo")


@check
async def ping(url):
    """a ping is answered with its payload, up to 125 bytes"""
    async with client(url) as ws:
        for payload in (b"", b"payload", bytes(125)):
            # Resolves only at a pong with this very payload.
            await (await ws.ping(payload))
        await echoes(ws, "still here")


@check
async def pipelined(url):
    """200 messages on their way at once come back in order"""
    async with client(url) as ws:

        async def send():
            for number in range(200):
                await ws.send(f"message {number} " + "x" * (number * 7))

        sending = asyncio.create_task(send())
        for number in range(200):
            equal(await ws.recv(), f"message {number} " + "x" * (number * 7), "echo")
        await sending


@check
async def concurrent(url):
    """50 connections at once, each with its own messages"""
    all_open = asyncio.Barrier(50)

    async def one(number):
        async with client(url) as ws:
            await all_open.wait()
            for turn in range(5):
                await echoes(ws, f"connection {number}, turn {turn}")

    await asyncio.gather(*map(one, range(50)))


# -------------------------------------------------------------------------------- closing ---


@check
async def close_normal(url):
    """close 1000 is answered with 1000"""
    async with client(url) as ws:
        await echoes(ws, "hello")
        await ws.close()
        equal(ws.close_code, 1000, "close code")


@check
async def close_custom(url):
    """close 4000 with a reason is answered with 4000"""
    async with client(url) as ws:
        await ws.close(4000, "done, thank you")
        equal(ws.close_code, 4000, "close code")


@check
async def close_after_messages(url):
    """messages sent before the close are answered before it"""
    async with client(url) as ws:
        for number in range(20):
            await ws.send(str(number))
        closing = asyncio.create_task(ws.close())
        got = []
        try:
            while True:
                got.append(await ws.recv())
        except ConnectionClosed:
            pass
        await closing
        equal(got, [str(number) for number in range(20)], "echoes")


@check
async def vanish(url):
    """a client that vanishes disturbs nobody"""
    async with client(url) as stays:
        async with client(url) as ws:
            await ws.send(bytes(1024 * 1024))
            ws.transport.abort()
        await echoes(stays, "still here")
    async with client(url) as ws:
        await echoes(ws, "and the next one too")


# ------------------------------------------------------------------------------ handshake ---


@check
async def subprotocol_none(url):
    """no subprotocol: none offered, and none in common"""
    async with client(url) as ws:
        equal(ws.subprotocol, None, "subprotocol")
    async with client(url, subprotocols=["chat", "superchat"]) as ws:
        equal(ws.subprotocol, None, "subprotocol")


@check
async def deflate_declined(url):
    """permessage-deflate is offered and declined"""
    async with client(url, compression="deflate") as ws:
        equal(ws.request.headers["Sec-WebSocket-Extensions"][:18], "permessage-deflate", "offer")
        equal(ws.response.headers.get("Sec-WebSocket-Extensions"), None, "answer")
        await echoes(ws, "plain " * 1000)


@check
async def origin_same(url):
    """an Origin of the same host is let in"""
    async with client(url, origin=f"http://{urlsplit(url).netloc}") as ws:
        await echoes(ws, "hello")


@check
async def origin_foreign(url):
    """a foreign Origin is refused with 403"""
    await refused(url, 403, origin="http://elsewhere.example")


@check
async def unknown_path(url):
    """an unknown path is refused with 404"""
    await refused(url + "/nowhere", 404)


@check
async def plain_get(url):
    """a plain GET is answered with 426"""
    status, headers = await asyncio.to_thread(get, url, {})
    equal(status, 426, "status")
    equal(headers.get("Upgrade"), "websocket", "Upgrade")
    equal(headers.get("Connection", "").lower().split(", ")[-1], "close", "Connection")


@check
async def old_version(url):
    """version 12 of the protocol is answered with 426, naming 13"""
    status, headers = await asyncio.to_thread(
        get,
        url,
        {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version": "12",
        },
    )
    equal(status, 426, "status")
    equal(headers.get("Sec-WebSocket-Version"), "13", "Sec-WebSocket-Version")


async def main(url):
    failed = 0
    for function in CHECKS:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await function(url)
            print("ok     ", function.__doc__, flush=True)
        except Exception as error:  # whatever it is, it belongs to this check
            failed += 1
            print("FAILED ", f"{function.__doc__}: {type(error).__name__}: {error}", flush=True)
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(sys.argv[1])))
