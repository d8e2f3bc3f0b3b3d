//! From a URL to an open socket and an answer. Everything happens in the future of the caller: who
//! drops it, or fails on the way, leaves no task and no descriptor behind.

use std::{
    error::Error,
    future::{Future, poll_fn},
    io,
    net::{IpAddr, SocketAddr},
    pin::{Pin, pin},
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use http::{Request, Response, StatusCode, response::Parts};
use http_body::Body;
use hyper::{
    body::Incoming,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpSocket, TcpStream, lookup_host},
    time::{Instant, timeout_at},
};

use super::{
    error::{ConnectError, HandshakeFault, Step},
    redirect,
    url::Target,
};
use crate::limits::client::{MAX_BODY, MAX_HEAD_SIZE, MAX_HEADERS};

/// Looks the name up and tries its addresses one after the other.
pub(super) async fn connect(
    target: &Target,
    local: Option<IpAddr>,
) -> Result<TcpStream, ConnectError> {
    let place = (target.host.as_str(), target.port);
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    let addresses = lookup_host(place).await.map_err(ConnectError::Dns)?;
    let mut tried = false;
    for address in addresses {
        tried = true;
        match open(address, local).await {
            Ok(tcp) => {
                // Frames are written whole; waiting for more would only delay them.
                let _ = tcp.set_nodelay(true);
                return Ok(tcp);
            }
            Err(error) => last = error,
        }
    }
    Err(if tried { ConnectError::Connect(last) } else { ConnectError::Dns(last) })
}

async fn open(address: SocketAddr, local: Option<IpAddr>) -> io::Result<TcpStream> {
    let Some(local) = local else { return TcpStream::connect(address).await };
    let socket = match local {
        IpAddr::V4(_) => TcpSocket::new_v4()?,
        IpAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.bind(SocketAddr::new(local, 0))?;
    socket.connect(address).await
}

/// The HTTP connection beside what is awaited of it.
struct Driven {
    connection: http1::Connection<TokioIo<TcpStream>, String>,
    /// It must not be polled once it is done.
    done: bool,
}

impl Driven {
    fn poll(&mut self, cx: &mut Context<'_>) {
        // An error here reaches whoever waits for the answer.
        self.done = self.done || self.connection.poll_without_shutdown(cx).is_ready();
    }

    /// Awaits something that the connection has to bring.
    async fn beside<T>(&mut self, what: impl Future<Output = T>) -> T {
        let mut what = pin!(what);
        poll_fn(|cx| {
            self.poll(cx);
            what.as_mut().poll(cx)
        })
        .await
    }
}

/// Sends the request. A 101 gives its head, the socket and the bytes that came behind the head; of a
/// redirect that is to be followed nobody waits for the body.
pub(super) async fn ask(
    tcp: TcpStream,
    request: Request<String>,
    deadline: Instant,
    follows: bool,
) -> Result<(Parts, TcpStream, Bytes), ConnectError> {
    let asked = timeout_at(deadline, send(tcp, request)).await;
    let (response, mut driven) =
        asked.map_err(|_| ConnectError::Timeout { what: Step::Handshake })??;
    let (head, mut body) = response.into_parts();
    if head.status != StatusCode::SWITCHING_PROTOCOLS {
        // The status says more than the lack of the rest of the body, so this never fails.
        let mut kept = BytesMut::new();
        if !(follows && redirect::leads_on(head.status, &head.headers)) {
            let reading = driven.beside(read(&mut body, &mut kept));
            let _ = timeout_at(deadline, reading).await;
        }
        let (status, headers) = (head.status, Box::new(head.headers));
        return Err(ConnectError::Refused { status, headers, body: kept.freeze() });
    }
    drop(body);
    if !driven.done {
        // At a 101 hyper is done with the socket as soon as it is asked once more.
        let handing_over = poll_fn(|cx| {
            driven.poll(cx);
            if driven.done { Poll::Ready(()) } else { Poll::Pending }
        });
        let handed_over = timeout_at(deadline, handing_over).await;
        handed_over.map_err(|_| ConnectError::Timeout { what: Step::Handshake })?;
    }
    let parts = driven.connection.into_parts();
    Ok((head, parts.io.into_inner(), parts.read_buf))
}

async fn send(
    tcp: TcpStream,
    request: Request<String>,
) -> Result<(Response<Incoming>, Driven), ConnectError> {
    let (mut sender, connection): (SendRequest<String>, _) = http1::Builder::new()
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD_SIZE)
        .handshake(TokioIo::new(tcp))
        .await
        .map_err(|error| failed(&error))?;
    let mut driven = Driven { connection, done: false };
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

/// What hyper's error means for who dials.
fn failed(error: &hyper::Error) -> ConnectError {
    if error.is_parse_too_large() {
        return HandshakeFault::HeadTooLarge.into();
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return HandshakeFault::Closed.into();
    }
    match error.source().and_then(|source| source.downcast_ref::<io::Error>()) {
        Some(source) => ConnectError::Io(io::Error::new(source.kind(), source.to_string())),
        None => HandshakeFault::NotHttp.into(),
    }
}
