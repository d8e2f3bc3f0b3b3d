// As echo_server.mjs, over HTTP/2 without TLS: Node's `http2`, and `ws` on its streams.

import http2 from "node:http2";
import { createRequire } from "node:module";

const WebSocket = createRequire(import.meta.url)("ws");

const server = http2.createServer({ settings: { enableConnectProtocol: true } });

server.on("stream", (stream, headers) => {
  stream.on("error", () => {});
  if (headers[":method"] !== "CONNECT" || headers[":protocol"] !== "websocket") {
    stream.respond({ ":status": 404 }, { endStream: true });
    return;
  }
  const offered = (headers["sec-websocket-protocol"] ?? "").split(", ");
  const chosen = offered.includes("chat.v1") ? { "sec-websocket-protocol": "chat.v1" } : {};
  stream.respond({ ":status": 200, ...chosen });
  // What `ws` expects of a socket beside what a stream is.
  stream.setNoDelay = () => {};
  // Without an address no option has a default: a close would have no time to be answered.
  const socket = new WebSocket(null, undefined, { closeTimeout: 20_000 });
  socket.setSocket(stream, Buffer.alloc(0), { maxPayload: 16 * 1024 * 1024, skipUTF8Validation: false });
  socket.on("error", () => {});
  socket.on("message", (data, isBinary) => {
    socket.once("pong", () => {
      if (!isBinary && data.toString() === "close") socket.close(4002, "as you wish");
      else socket.send(data, { binary: isBinary });
    });
    socket.ping();
  });
});

server.listen(0, "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
