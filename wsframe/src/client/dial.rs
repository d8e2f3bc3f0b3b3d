//! One request over an open stream, and its answer. Everything happens in the future of the caller:
//! who drops it, or fails on the way, leaves no task and no descriptor behind.

use std::{
    error::Error,
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use http::{Request, Response, response::Parts};
use http_body::Body;
use hyper::{
    body::Incoming,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, timeout_at};

use super::{
    driven::{self, Connection},
    error::{ConnectError, HandshakeFault, ProxyError, Step},
    stream::Stream,
};
use crate::limits::client::{MAX_BODY, MAX_HEAD_SIZE, MAX_HEADERS};
#[cfg(feature = "tls")]
use crate::tls::TlsError;

/// What came back.
#[derive(Debug)]
pub(super) enum Answer {
    /// What was hoped for: the stream is ours, with the bytes that came behind the head.
    Open { head: Parts, stream: Stream, early: Bytes },
    /// Something else. The body is empty where nobody wants it.
    Other { head: Parts, body: Bytes },
}

/// Why no answer came back.
#[derive(Debug)]
pub(super) enum Silence {
    Late,
    Fault(HandshakeFault),
    Io(io::Error),
    #[cfg(feature = "tls")]
    Tls(TlsError),
}

impl From<Silence> for ConnectError {
    fn from(silence: Silence) -> Self {
        match silence {
            Silence::Late => Self::Timeout { what: Step::Handshake },
            Silence::Fault(fault) => Self::Handshake(fault),
            Silence::Io(error) => Self::Io(error),
            #[cfg(feature = "tls")]
            Silence::Tls(error) => Self::Tls(error),
        }
    }
}

impl Silence {
    /// What it means where a proxy was asked.
    pub(super) fn of_proxy(self) -> ConnectError {
        match self {
            Self::Late => ConnectError::Timeout { what: Step::Proxy },
            Self::Fault(fault) => ProxyError::Answer(fault).into(),
            Self::Io(error) => ProxyError::Io(error).into(),
            #[cfg(feature = "tls")]
            Self::Tls(error) => ConnectError::Tls(error),
        }
    }
}

impl Connection for http1::Connection<TokioIo<Stream>, String> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // An error here reaches whoever waits for the answer.
        self.poll_without_shutdown(cx).map(drop)
    }
}

type Driven = driven::Driven<http1::Connection<TokioIo<Stream>, String>>;

/// Sends the request. An answer that `opens` what was asked for takes the stream out of HTTP; of one
/// that is `bare`, the head is all that counts.
pub(super) async fn ask(
    stream: Stream,
    request: Request<String>,
    deadline: Instant,
    opens: impl Fn(&Parts) -> bool,
    bare: impl Fn(&Parts) -> bool,
) -> Result<Answer, Silence> {
    let asked = timeout_at(deadline, send(stream, request)).await;
    let (response, mut driven) = asked.map_err(|_| Silence::Late)??;
    let (head, mut body) = response.into_parts();
    if !opens(&head) {
        let mut kept = BytesMut::new();
        if !bare(&head) {
            // The status says more than the lack of the rest of the body, so this never fails.
            let _ = timeout_at(deadline, driven.beside(read(&mut body, &mut kept))).await;
        }
        return Ok(Answer::Other { head, body: kept.freeze() });
    }
    drop(body);
    if !driven.done {
        // Behind such a head hyper is done with the stream as soon as it is asked once more.
        let handing_over = poll_fn(|cx| {
            driven.poll(cx);
            if driven.done { Poll::Ready(()) } else { Poll::Pending }
        });
        timeout_at(deadline, handing_over).await.map_err(|_| Silence::Late)?;
    }
    let parts = driven.connection.into_parts();
    Ok(Answer::Open { head, stream: parts.io.into_inner(), early: parts.read_buf })
}

async fn send(
    stream: Stream,
    request: Request<String>,
) -> Result<(Response<Incoming>, Driven), Silence> {
    let (mut sender, connection): (SendRequest<String>, _) = http1::Builder::new()
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD_SIZE)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| failed(&error))?;
    let mut driven = Driven::new(connection);
    let response =
        driven.beside(sender.send_request(request)).await.map_err(|error| failed(&error))?;
    Ok((response, driven))
}

/// Reads as much of a body as is kept.
async fn read(body: &mut Incoming, kept: &mut BytesMut) {
    while kept.len() < MAX_BODY
        && let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await
    {
        if let Ok(data) = frame.into_data() {
            kept.extend_from_slice(&data[..data.len().min(MAX_BODY - kept.len())]);
        }
    }
}

/// What hyper's error means for who asked.
fn failed(error: &hyper::Error) -> Silence {
    if error.is_parse_too_large() {
        return Silence::Fault(HandshakeFault::HeadTooLarge);
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return Silence::Fault(HandshakeFault::Closed);
    }
    let Some(source) = error.source().and_then(|source| source.downcast_ref::<io::Error>()) else {
        return Silence::Fault(HandshakeFault::NotHttp);
    };
    #[cfg(feature = "tls")]
    if let Some(error) = TlsError::inside(source) {
        return Silence::Tls(error);
    }
    Silence::Io(io::Error::new(source.kind(), source.to_string()))
}
