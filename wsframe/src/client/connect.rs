//! From a client to a session: the way to the server, its answer, the redirects in between.

use std::{borrow::Cow, future::Future, time::Duration};

use http::{HeaderMap, Response, StatusCode, response::Parts};
use tokio::time::{Instant, timeout_at};

use super::{
    Client, Config, Messages,
    dial::{Answer, ask},
    error::{ConnectError, HandshakeFault, Step},
    messages::Feed,
    open::{Dialled, Open},
    redirect,
    request::Asked,
    stream::Stream,
    url::Target,
    verify::{self, Answered},
};
use crate::{connection, session::Session};

impl Client {
    /// Dials once, and opens the session when the server's answer is verified.
    ///
    /// Rooms of the session are shared with those of others that this client or a clone of it has
    /// connected, as long as nothing else is set on it; [`shared_room`](Session::shared_room)s with what
    /// else was dialled in the same tokio runtime.
    ///
    /// # Errors
    ///
    /// [`ConnectError`], each within its timeout. An answer other than 101 that is no
    /// [redirect](Self::redirects) is [`Refused`](ConnectError::Refused), with its body.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the socket. A look-up of the name or the reading of a certificate
    /// that has begun goes on for a while on tokio's blocking pool, since no system can stop one.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with time and IO enabled.
    pub async fn connect(&self) -> Result<(Session, Messages), ConnectError> {
        let (session, messages, _) = self.connect_with_response().await?;
        Ok((session, messages))
    }

    /// Like [`connect`](Self::connect), and gives the server's answer as well. The session does not
    /// keep it.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), wsframe::ConnectError> {
    /// let client = wsframe::Client::new("ws://127.0.0.1:8080/feed");
    /// let (session, messages, response) = client.connect_with_response().await?;
    /// if let Some(node) = response.headers().get("x-node") {
    ///     println!("connected to {node:?}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    ///
    /// # Cancel safety
    ///
    /// As [`connect`](Self::connect).
    ///
    /// # Panics
    ///
    /// As [`connect`](Self::connect).
    #[doc(alias = "afterResponse")]
    pub async fn connect_with_response(
        &self,
    ) -> Result<(Session, Messages, Response<()>), ConnectError> {
        let home = self.0.shared_home::<Feed>()?;
        let open = self.0.open(&self.0.asked_for::<Feed>()).await?;
        let (dialled, response) = open.session_and_response(home);
        let Dialled { session, transport, hub } = dialled;
        let (feed, messages) = Feed::new(hub);
        drop(connection::start(feed, session.clone(), transport));
        Ok((session, messages, response))
    }
}

impl Config {
    /// Asks the server, and those that it sends us to.
    pub(super) async fn open(&self, asked: &Asked) -> Result<Open, ConnectError> {
        #[cfg(feature = "testing")]
        if let Some(seam) = &self.seam {
            return seam.open();
        }
        let mut target = Target::parse(&self.url)?;
        let mut asked = Cow::Borrowed(asked);
        // Whether we are still with the server that the caller named; once away, away.
        let mut named = true;
        let mut redirects = 0;
        loop {
            let error = match self.ask(&target, &asked, named).await {
                Ok(open) => return Ok(open),
                Err(error) => error,
            };
            let ConnectError::Refused { status, headers, .. } = &error else { return Err(error) };
            let next = match self.redirects {
                0 => None,
                _ => redirect::next(&target, *status, headers)?,
            };
            let Some(next) = next else { return Err(error) };
            if redirects == self.redirects {
                return Err(ConnectError::TooManyRedirects { limit: self.redirects });
            }
            redirects += 1;
            if !next.is_at(&target) {
                named = false;
                asked = Cow::Owned(asked.into_owned().without_secrets());
            }
            target = next;
        }
    }

    /// Asks one server.
    async fn ask(&self, target: &Target, asked: &Asked, named: bool) -> Result<Open, ConnectError> {
        // What cannot be asked for is said before anybody is dialled.
        asked.describe(target, &mut HeaderMap::new())?;
        #[cfg(feature = "http2")]
        if self.http2 {
            let stream = self.way(target, named, true).await?;
            if !stream.speaks_http2() {
                return self.upgrade(stream, target, asked).await;
            }
            match self.extended_connect(stream, target, asked).await {
                // It has chosen HTTP/2 for something else.
                Err(ConnectError::Handshake(HandshakeFault::NoExtendedConnect))
                    if target.secure => {}
                result => return result,
            }
        }
        let stream = self.way(target, named, false).await?;
        self.upgrade(stream, target, asked).await
    }

    /// An open and secured stream to the server.
    async fn way(&self, target: &Target, named: bool, http2: bool) -> Result<Stream, ConnectError> {
        let deadline = after(self.connect_timeout);
        let tcp = self.reach(target, deadline).await?;
        self.secured(tcp, target, named, http2, deadline).await
    }

    /// Asks over HTTP/1.1.
    async fn upgrade(
        &self,
        stream: Stream,
        target: &Target,
        asked: &Asked,
    ) -> Result<Open, ConnectError> {
        let (request, key) = asked.request(target)?;
        let deadline = after(self.handshake_timeout);
        let opens = |head: &Parts| head.status == StatusCode::SWITCHING_PROTOCOLS;
        let answer = ask(stream, request, deadline, opens, |head| self.is_bare(head)).await?;
        opened(answer, target, |head| verify::verify(head, &key, asked))
    }

    /// Asks over HTTP/2.
    #[cfg(feature = "http2")]
    async fn extended_connect(
        &self,
        stream: Stream,
        target: &Target,
        asked: &Asked,
    ) -> Result<Open, ConnectError> {
        let request = asked.extended_connect(target)?;
        let deadline = after(self.handshake_timeout);
        let opens = |head: &Parts| head.status.is_success();
        let answer =
            super::http2::ask(stream, request, deadline, opens, |head| self.is_bare(head)).await?;
        let answer = answer.ok_or(HandshakeFault::NoExtendedConnect)?;
        opened(answer, target, |head| verify::agreed(&head.headers, asked))
    }

    /// Of a redirect that is to be followed nobody waits for the body.
    fn is_bare(&self, head: &Parts) -> bool {
        self.redirects > 0 && redirect::leads_on(head.status, &head.headers)
    }

    /// Without TLS, what reaches the target is what the handshake goes over.
    #[cfg(not(feature = "tls"))]
    async fn secured(
        &self,
        tcp: tokio::net::TcpStream,
        _: &Target,
        _: bool,
        _: bool,
        _: Instant,
    ) -> Result<Stream, ConnectError> {
        Ok(Stream::Tcp(tcp))
    }
}

/// What an answer comes to, where `verified` tells what one that opens agrees on.
fn opened(
    answer: Answer,
    target: &Target,
    verified: impl FnOnce(&Parts) -> Result<Answered, HandshakeFault>,
) -> Result<Open, ConnectError> {
    match answer {
        Answer::Open { head, stream, early } => {
            let (answered, peer) = (verified(&head)?, stream.peer());
            let socket = stream.into_transport(early);
            let (uri, response) = (target.uri.clone(), Response::from_parts(head, ()));
            Ok(Open { socket, peer, answered, uri, response })
        }
        Answer::Other { head, body } => {
            let (status, headers) = (head.status, Box::new(head.headers));
            Err(ConnectError::Refused { status, headers, body })
        }
    }
}

/// What the future gives, if it does so in time.
pub(super) async fn within<T>(
    deadline: Instant,
    what: Step,
    future: impl Future<Output = T>,
) -> Result<T, ConnectError> {
    timeout_at(deadline, future).await.map_err(|_| ConnectError::Timeout { what })
}

/// The moment after this time; one that never comes if there is none.
fn after(time: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(time).unwrap_or_else(|| now + Duration::from_secs(30 * 365 * 24 * 3600))
}
