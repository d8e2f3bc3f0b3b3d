#!/usr/bin/env python3
"""Put an HTTP/2 WebSocket server (RFC 8441) behind an HTTP/1.1 front, so that the
Autobahn fuzzing client, which knows HTTP/1.1 only, can be run against it.

    http2_bridge.py LISTEN_PORT TARGET_PORT [--tls]

Each connection taken on LISTEN_PORT becomes one extended CONNECT stream on an
HTTP/2 connection of its own to 127.0.0.1:TARGET_PORT (prior knowledge, or TLS
with ALPN h2, certificate not checked). Frames pass through untouched in DATA.
END_STREAM from the server becomes a TCP close towards the suite, RST_STREAM and
GOAWAY a TCP abort. Needs the h2 package.
"""
import argparse
import asyncio
import base64
import hashlib
import ssl
import sys

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.settings

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
HOP = {"host", "upgrade", "connection", "sec-websocket-key", "pragma", "cache-control"}


class Bridge:
    def __init__(self, opt):
        self.opt = opt

    async def handle(self, cr, cw):
        tasks = []
        try:
            head = (await cr.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            path = head[0].split()[1]
            hdr = [(k.strip().lower(), v.strip()) for k, v in (x.split(":", 1) for x in head[1:] if x)]
            await self.run(cr, cw, path, hdr, tasks)
        except (OSError, EOFError, asyncio.IncompleteReadError, h2.exceptions.ProtocolError) as e:
            if self.opt.verbose:
                print("bridge:", repr(e), file=sys.stderr)
        finally:
            for t in tasks:
                t.cancel()
            cw.close()

    async def run(self, cr, cw, path, hdr, tasks):
        ctx = None
        if self.opt.tls:
            ctx = ssl.create_default_context()
            ctx.check_hostname, ctx.verify_mode = False, ssl.CERT_NONE
            ctx.set_alpn_protocols(["h2"])
        sr, sw = await asyncio.open_connection("127.0.0.1", self.opt.target, ssl=ctx)
        try:
            await self.pump(cr, cw, sr, sw, path, hdr, tasks)
        finally:
            sw.close()

    async def pump(self, cr, cw, sr, sw, path, hdr, tasks):
        c = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
        c.initiate_connection()
        # big windows: 9.* and 12.* move megabytes
        c.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 1 << 24})
        c.increment_flow_control_window(1 << 24)
        sw.write(c.data_to_send())
        moved = asyncio.Event()
        sid = None

        async def upstream():                       # suite -> server
            while True:
                d = await cr.read(65536)
                if not d:
                    c.end_stream(sid)
                    sw.write(c.data_to_send())
                    # the suite is gone; do not wait for ever for the server's end
                    asyncio.get_running_loop().call_later(5, sw.transport.abort)
                    return
                while d:
                    n = min(c.local_flow_control_window(sid), c.max_outbound_frame_size, len(d))
                    if n <= 0:
                        moved.clear()
                        await moved.wait()
                        continue
                    c.send_data(sid, d[:n])
                    d = d[n:]
                    sw.write(c.data_to_send())
                await sw.drain()

        while True:
            data = await sr.read(65536)
            if not data:
                cw.transport.abort()
                return
            for e in c.receive_data(data):
                if isinstance(e, h2.events.RemoteSettingsChanged):
                    moved.set()
                    if sid is None:
                        if not c.remote_settings.enable_connect_protocol:
                            cw.write(b"HTTP/1.1 502 No extended CONNECT\r\nContent-Length: 0\r\n\r\n")
                            print("bridge: server does not announce ENABLE_CONNECT_PROTOCOL", file=sys.stderr)
                            return
                        sid = c.get_next_available_stream_id()
                        scheme = "https" if self.opt.tls else "http"
                        c.send_headers(sid, [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", scheme),
                                             (":path", path), (":authority", "127.0.0.1:%d" % self.opt.target)]
                                       + [x for x in hdr if x[0] not in HOP])
                elif isinstance(e, h2.events.WindowUpdated):
                    moved.set()
                elif isinstance(e, h2.events.ResponseReceived):
                    h = dict(e.headers)
                    if h[":status"] != "200":
                        cw.write(b"HTTP/1.1 %s Refused\r\nContent-Length: 0\r\n\r\n" % h[":status"].encode())
                        return
                    key = dict(hdr)["sec-websocket-key"].encode()
                    out = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
                           "Sec-WebSocket-Accept: " + base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()]
                    out += ["%s: %s" % (k, v) for k, v in e.headers if not k.startswith(":")]
                    cw.write("\r\n".join(out + ["", ""]).encode())
                    tasks.append(asyncio.create_task(upstream()))
                elif isinstance(e, h2.events.DataReceived):
                    cw.write(e.data)
                    c.acknowledge_received_data(e.flow_controlled_length, e.stream_id)
                elif isinstance(e, h2.events.StreamEnded):
                    sw.write(c.data_to_send())
                    await cw.drain()
                    return
                elif isinstance(e, (h2.events.StreamReset, h2.events.ConnectionTerminated)):
                    if isinstance(e, h2.events.StreamReset) and e.error_code in (0, 8):
                        return                      # NO_ERROR, CANCEL: an orderly end
                    cw.transport.abort()
                    return
            sw.write(c.data_to_send())
            await cw.drain()


async def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("listen", type=int)
    ap.add_argument("target", type=int)
    ap.add_argument("--tls", action="store_true")
    ap.add_argument("--verbose", action="store_true")
    opt = ap.parse_args()
    s = await asyncio.start_server(Bridge(opt).handle, "127.0.0.1", opt.listen)
    print("listening", s.sockets[0].getsockname()[1], flush=True)
    async with s:
        await s.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
