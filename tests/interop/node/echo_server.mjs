// A server that we did not write: echoes on a free port until it is killed, and says which one.
// It chooses the subprotocol `chat.v1`, and echoes a message when the client has answered a ping.

import { createRequire } from "node:module";

const { WebSocketServer } = createRequire(import.meta.url)("ws");

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  perMessageDeflate: true, // where it is asked for
  maxPayload: 16 * 1024 * 1024,
  handleProtocols: (offered) => (offered.has("chat.v1") ? "chat.v1" : false),
});

server.on("listening", () => console.log(`listening on ${server.address().port}`));
server.on("connection", (socket) => {
  socket.on("message", (data, isBinary) => {
    socket.once("pong", () => {
      if (!isBinary && data.toString() === "close") socket.close(4002, "as you wish");
      else socket.send(data, { binary: isBinary });
    });
    socket.ping();
  });
});
