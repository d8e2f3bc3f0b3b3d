//! The same over HTTP/2: an extended CONNECT, and its answer. As over HTTP/1.1, who drops this or
//! fails on the way leaves nothing behind.
//!
//! Specification: RFC 8441.

use std::{
    future::{Future, poll_fn},
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use h2::{
    Ping, RecvStream,
    client::{Builder, Connection, SendRequest},
};
use http::{Request, response::Parts};
use tokio::time::{Instant, timeout_at};

use super::{
    Client,
    dial::{Answer, Silence},
    driven,
    error::HandshakeFault,
    stream::Stream,
    tunnel::Tunnel,
};
use crate::limits::client::{HTTP2_WINDOW, MAX_BODY, MAX_HEAD_SIZE};
#[cfg(feature = "tls")]
use crate::tls::TlsError;

impl Client {
    /// Dials over HTTP/2 where the server takes WebSockets over it (RFC 8441). Default `false`.
    ///
    /// A `wss` server is offered both and chooses; if it chooses HTTP/2 and its settings do not offer
    /// WebSockets, it is dialled once more, with HTTP/1.1. A `ws` server has to know HTTP/2, because
    /// nothing is negotiated there: one that does not is a [`ConnectError`](super::ConnectError).
    ///
    /// Each session has a connection of its own. To its handlers and to whoever sends nothing is
    /// different; the status of the answer is 200 in place of 101.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), wsframe::ConnectError> {
    /// let client = wsframe::Client::new("wss://feed.example/prices").http2(true);
    /// let (session, messages) = client.connect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn http2(self, on: bool) -> Self {
        self.set(|config| config.http2 = on)
    }
}

impl driven::Connection for Connection<Stream> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // An error here reaches whoever waits for the answer.
        Future::poll(Pin::new(self), cx).map(drop)
    }
}

type Driven = driven::Driven<Connection<Stream>>;

impl Driven {
    /// Whether the server takes WebSockets. Its settings are the first that it sends, so they are
    /// here when it answers a ping.
    async fn takes_websockets(
        &mut self,
        sender: &SendRequest<Bytes>,
    ) -> Result<bool, HandshakeFault> {
        let mut pings = self.connection.ping_pong().ok_or(HandshakeFault::NotHttp)?;
        pings.send_ping(Ping::opaque()).map_err(|_| HandshakeFault::NotHttp)?;
        poll_fn(|cx| {
            self.poll(cx);
            if sender.is_extended_connect_protocol_enabled() {
                return Poll::Ready(Ok(true));
            }
            if self.done {
                return Poll::Ready(Err(HandshakeFault::NotHttp));
            }
            let pong = ready!(pings.poll_pong(cx));
            Poll::Ready(pong.map(|_| false).map_err(|_| HandshakeFault::NotHttp))
        })
        .await
    }
}

/// Sends the request over a stream on which HTTP/2 is spoken. `None` if the server takes no
/// WebSockets over it. Otherwise as [`dial::ask`](super::dial::ask).
pub(super) async fn ask(
    stream: Stream,
    request: Request<()>,
    deadline: Instant,
    opens: impl Fn(&Parts) -> bool,
    bare: impl Fn(&Parts) -> bool,
) -> Result<Option<Answer>, Silence> {
    let peer = stream.peer();
    let asked = timeout_at(deadline, send(stream, request)).await;
    let Some((response, sending, mut driven)) = asked.map_err(|_| Silence::Late)?? else {
        return Ok(None);
    };
    let (head, mut body) = response.into_parts();
    if opens(&head) {
        let tunnel = Tunnel::new(peer, sending, body, driven.connection);
        let stream = Stream::Http2(Box::new(tunnel));
        return Ok(Some(Answer::Open { head, stream, early: Bytes::new() }));
    }
    let mut kept = BytesMut::new();
    if !bare(&head) {
        // The status says more than the lack of the rest of the body, so this never fails.
        let _ = timeout_at(deadline, driven.beside(read(&mut body, &mut kept))).await;
    }
    Ok(Some(Answer::Other { head, body: kept.freeze() }))
}

type Sent = (http::Response<RecvStream>, h2::SendStream<Bytes>, Driven);

async fn send(stream: Stream, request: Request<()>) -> Result<Option<Sent>, Silence> {
    let (sender, connection) = Builder::new()
        .enable_push(false)
        .max_header_list_size(MAX_HEAD_SIZE as u32)
        .initial_window_size(HTTP2_WINDOW)
        .initial_connection_window_size(HTTP2_WINDOW)
        .handshake(stream)
        .await
        .map_err(failed)?;
    let mut driven = Driven::new(connection);
    if !driven.takes_websockets(&sender).await.map_err(Silence::Fault)? {
        return Ok(None);
    }
    let mut sender = driven.beside(sender.ready()).await.map_err(failed)?;
    let (response, sending) = sender.send_request(request, false).map_err(failed)?;
    let response = driven.beside(response).await.map_err(failed)?;
    Ok(Some((response, sending, driven)))
}

/// Reads as much of a body as is kept.
async fn read(body: &mut RecvStream, kept: &mut BytesMut) {
    while kept.len() < MAX_BODY
        && let Some(Ok(data)) = body.data().await
    {
        let _ = body.flow_control().release_capacity(data.len());
        kept.extend_from_slice(&data[..data.len().min(MAX_BODY - kept.len())]);
    }
}

/// What an error means for who asked.
fn failed(error: h2::Error) -> Silence {
    if !error.is_io() {
        let ended = error.is_remote();
        return Silence::Fault(if ended {
            HandshakeFault::Closed
        } else {
            HandshakeFault::NotHttp
        });
    }
    let Some(error) = error.into_io() else { return Silence::Fault(HandshakeFault::NotHttp) };
    #[cfg(feature = "tls")]
    if let Some(error) = TlsError::inside(&error) {
        return Silence::Tls(error);
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => {
            Silence::Fault(HandshakeFault::Closed)
        }
        _ => Silence::Io(error),
    }
}
