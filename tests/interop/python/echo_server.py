"""A server that we did not write: echoes on a free port until it is killed, and says which one.

It chooses the subprotocol `chat.v1`, and echoes a message when the client has answered a ping.
"""

import asyncio

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed


async def echo(connection):
    try:
        async for message in connection:
            await (await connection.ping())
            if message == "close":
                await connection.close(4002, "as you wish")
                return
            await connection.send(message)
    except ConnectionClosed:
        pass


async def main():
    # It compresses where that is asked for.
    async with serve(echo, "127.0.0.1", 0, subprotocols=["chat.v1"], max_size=None) as server:
        print(f"listening on {server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.get_running_loop().create_future()


asyncio.run(main())
