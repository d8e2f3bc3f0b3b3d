#!/usr/bin/env python3
"""The deflate example, seen by Python's `websockets`.

    deflate_client.py URL [takeover]          for instance ws://127.0.0.1:8080/echo

`takeover` if the example was started so. Prints a line per check. The last line is `N passed, N failed`, and
the exit status is 1 if any failed.
"""
import asyncio
import random
import sys

from websockets.asyncio.client import connect
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory as Offer

CHECK_SECONDS = 60
RANDOM = random.Random(7692).randbytes(300_000)
SIZES = (0, 1, 125, 126, 1023, 1024, 1025, 32767, 32768, 65535, 65536, 65537, 262_144)

# What is offered, and what of the answer has to be so whether or not the server allows takeover.
OFFERS = {
    "nothing in particular": (Offer(), set()),
    "the client's window may be told": (Offer(client_max_window_bits=True), set()),
    "a server's window of 9": (Offer(server_max_window_bits=9), {"server_max_window_bits=9"}),
    "a server's window of 8, with which it does not compress": (
        Offer(server_max_window_bits=8),
        {"server_max_window_bits=8"},
    ),
    "a client's window of 9": (Offer(client_max_window_bits=9), {"client_max_window_bits=9"}),
    "no takeover": (
        Offer(server_no_context_takeover=True, client_no_context_takeover=True),
        {"server_no_context_takeover", "client_no_context_takeover"},
    ),
}


def equal(got, wanted, what):
    # Not the values themselves if they are long.
    if got != wanted or type(got) is not type(wanted):
        raise AssertionError(f"{what}: got {str(got)[:60]!r}, wanted {str(wanted)[:60]!r}")


async def check(url, takeover, offer, named):
    extensions = {"extensions": [offer], "compression": None}
    async with connect(url, proxy=None, max_size=None, **extensions) as ws:
        answer = ws.response.headers["Sec-WebSocket-Extensions"]
        params = set(answer.split("; "))
        if "permessage-deflate" not in params or not named <= params:
            raise AssertionError(f"the answer is {answer}")
        if not named:
            equal("server_no_context_takeover" in params, not takeover, "no takeover")
        for size in SIZES:
            for message in ("zwölf Boxkämpfer " * (size // 17 + 1))[:size], RANDOM[:size]:
                await ws.send(message)
                equal(await ws.recv(), message, f"echo of {size}")
        # In fragments, an empty one among them, and with a ping in between.
        pieces = [RANDOM[:5000], b"", RANDOM[:5000], b"x" * 70_000]
        await ws.send(pieces)
        await (await ws.ping())
        equal(await ws.recv(), b"".join(pieces), "echo of fragments")
        # Many on their way at once.
        messages = [f"message {i} " * i for i in range(200)]
        sending = asyncio.gather(*(ws.send(message) for message in messages))
        for message in messages:
            equal(await ws.recv(), message, "echo")
        await sending


async def main(url, takeover):
    failed = 0
    for name, (offer, named) in OFFERS.items():
        name = f"takeover: {name}" if takeover else name
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await check(url, takeover, offer, named)
            print("ok     ", name, flush=True)
        except Exception as error:  # whatever it is, it belongs to this check
            failed += 1
            print("FAILED ", f"{name}: {type(error).__name__}: {error}", flush=True)
    print(f"{len(OFFERS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(sys.argv[1], sys.argv[2:] == ["takeover"])))
