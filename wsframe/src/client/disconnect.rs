//! Why there is no connection any more, or none yet, and what is to be done about it.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use http::{HeaderMap, StatusCode};

use super::{
    backoff,
    error::{ConnectError, HandshakeFault, ProxyError},
};
use crate::{
    message::{CloseCode, CloseReason, Initiator},
    session::Unsent,
};

/// A connection that has ended, or a dial that failed: what `#[on_disconnect]` is asked about.
///
/// ```
/// use wsframe::{Cause, Disconnect, Retry, client_endpoint, on_disconnect};
///
/// #[client_endpoint]
/// struct Bot;
///
/// impl Bot {
///     #[on_disconnect]
///     fn again(&mut self, disconnect: &Disconnect) -> Retry {
///         println!("{disconnect}, {} messages not sent", disconnect.unsent().messages());
///         match disconnect.cause() {
///             Cause::Ended(reason) if reason.code() == 4003 => Retry::Stop, // kicked
///             _ if disconnect.is_transient() => Retry::Backoff,
///             _ => Retry::Stop,
///         }
///     }
/// }
/// ```
#[derive(Clone)]
#[doc(alias = "ReconnectHandler")]
pub struct Disconnect(Arc<Facts>);

struct Facts {
    cause: Cause,
    unsent: Unsent,
    failures: u32,
}

/// What a [`Disconnect`] is.
#[derive(Debug)]
#[non_exhaustive]
pub enum Cause {
    /// A session was open and has ended.
    Ended(CloseReason),
    /// There was none: the dial failed.
    Failed(ConnectError),
}

impl Disconnect {
    pub(super) fn new(cause: Cause, unsent: Unsent, failures: u32) -> Self {
        Self(Arc::new(Facts { cause, unsent, failures }))
    }

    /// What happened.
    pub fn cause(&self) -> &Cause {
        &self.0.cause
    }

    /// What had been accepted for sending and had not left when the session ended. It is gone: nothing
    /// is sent again by itself.
    pub fn unsent(&self) -> Unsent {
        self.0.unsent
    }

    /// How many dials in a row failed, or gave a session that did not live for
    /// [`stable_after`](super::Backoff::stable_after), this one included; 0 if a session ended that was
    /// stable.
    pub fn failures(&self) -> u32 {
        self.0.failures
    }

    /// How long the server wants to be left alone: `Retry-After` of an answer 429 or 503, in seconds or
    /// as a date (RFC 9110 section 10.2.3).
    pub fn retry_after(&self) -> Option<Duration> {
        match self.cause() {
            Cause::Failed(ConnectError::Refused { status, headers, .. })
                if [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE]
                    .contains(status) =>
            {
                let headers: &HeaderMap = headers;
                backoff::retry_after(headers)
            }
            _ => None,
        }
    }

    /// Whether another try may well come to something else, which is what decides where nothing else
    /// does.
    ///
    /// - Of sessions: those that were lost (1006, no pong among it), and those that ended with 1001,
    ///   1011, 1012, 1013 or 1014, unless it was this side that closed. A peer that we let go because
    ///   it reads too slowly counts as lost.
    /// - Of dials: a name that was not found, no connection, a connection that broke, a timeout, and
    ///   the answers 408, 425, 429, 500, 502, 503 and 504; the same of a proxy.
    pub fn is_transient(&self) -> bool {
        match self.cause() {
            Cause::Ended(reason) => is_transient_end(reason),
            Cause::Failed(error) => is_transient_failure(error),
        }
    }
}

fn is_transient_end(reason: &CloseReason) -> bool {
    const GATEWAY: u16 = 1014;
    match reason.initiator() {
        Initiator::Local => reason.code() == CloseCode::TRY_AGAIN,
        Initiator::Network => true,
        Initiator::Peer => {
            [CloseCode::GOING_AWAY, CloseCode::INTERNAL, CloseCode::RESTART, CloseCode::TRY_AGAIN]
                .contains(&reason.code())
                || reason.code() == GATEWAY
        }
    }
}

fn is_transient_failure(error: &ConnectError) -> bool {
    match error {
        ConnectError::Dns(_)
        | ConnectError::Connect(_)
        | ConnectError::Io(_)
        | ConnectError::Timeout { .. }
        | ConnectError::Handshake(HandshakeFault::Closed) => true,
        #[cfg(feature = "tls")]
        ConnectError::Tls(crate::tls::TlsError::Io(_)) => true,
        ConnectError::Refused { status, .. } => may_change(*status),
        ConnectError::Proxy(error) => match error {
            ProxyError::Dns(_) | ProxyError::Connect(_) | ProxyError::Io(_) => true,
            ProxyError::Refused { status, .. } => may_change(*status),
            ProxyError::Answer(fault) => *fault == HandshakeFault::Closed,
            ProxyError::InvalidUrl(_) => false,
        },
        _ => false,
    }
}

fn may_change(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

impl fmt::Display for Disconnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cause() {
            Cause::Ended(reason) => reason.fmt(f),
            Cause::Failed(error) => error.fmt(f),
        }
    }
}

impl Error for Disconnect {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self.cause() {
            Cause::Ended(_) => None,
            Cause::Failed(error) => error.source(), // its own text is ours
        }
    }
}

impl fmt::Debug for Disconnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disconnect")
            .field("cause", &self.0.cause)
            .field("unsent", &self.0.unsent)
            .field("failures", &self.0.failures)
            .finish()
    }
}

/// What `#[on_disconnect]` decides. See [`Disconnect`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Retry {
    /// Dial again at once.
    Now,
    /// Dial again after this time.
    After(Duration),
    /// Dial again after the back-off of [`Client::reconnect`](super::Client::reconnect), or the default
    /// one, and not before a `Retry-After`.
    Backoff,
    /// It is over.
    Stop,
    /// What happens without an `#[on_disconnect]`: [`Backoff`](Self::Backoff) if
    /// [`Client::reconnect`](super::Client::reconnect) was called and the disconnect is
    /// [transient](Disconnect::is_transient), else [`Stop`](Self::Stop).
    Default,
}

#[cfg(test)]
mod tests {
    use std::io;

    use bytes::Bytes;
    use http::{HeaderValue, header::RETRY_AFTER};

    use super::*;

    fn ended(code: u16, initiator: Initiator) -> Disconnect {
        let reason = CloseReason::new(code.into(), "", initiator, true);
        Disconnect::new(Cause::Ended(reason), Unsent::default(), 0)
    }

    fn refused(status: u16, retry_after: &'static str) -> Disconnect {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static(retry_after));
        let error = ConnectError::Refused {
            status: StatusCode::from_u16(status).unwrap(),
            headers: headers.into(),
            body: Bytes::new(),
        };
        Disconnect::new(Cause::Failed(error), Unsent::default(), 1)
    }

    #[test]
    fn what_was_meant_is_not_repeated() {
        for code in [1001, 1011, 1012, 1013, 1014] {
            assert!(ended(code, Initiator::Peer).is_transient(), "{code}");
        }
        for code in [1000, 1002, 1003, 1005, 1007, 1008, 1009, 3000, 4000] {
            assert!(!ended(code, Initiator::Peer).is_transient(), "{code}");
        }
        for code in [1000, 1001, 1009, 1011, 4000] {
            assert!(!ended(code, Initiator::Local).is_transient(), "{code}");
        }
        assert!(ended(1013, Initiator::Local).is_transient());
        assert!(ended(1006, Initiator::Network).is_transient());
        for status in [408, 429, 500, 502, 503, 504] {
            assert!(refused(status, "1").is_transient(), "{status}");
        }
        for status in [200, 302, 400, 401, 403, 404, 409, 501] {
            assert!(!refused(status, "1").is_transient(), "{status}");
        }
        let failed = |error| Disconnect::new(Cause::Failed(error), Unsent::default(), 1);
        assert!(failed(ConnectError::Dns(io::ErrorKind::NotFound.into())).is_transient());
        assert!(failed(HandshakeFault::Closed.into()).is_transient());
        assert!(!failed(HandshakeFault::Accept.into()).is_transient());
        let proxy = |error: ProxyError| failed(error.into());
        assert!(proxy(ProxyError::Connect(io::ErrorKind::ConnectionRefused.into())).is_transient());
        assert!(proxy(ProxyError::Answer(HandshakeFault::Closed)).is_transient());
        assert!(!proxy(ProxyError::Answer(HandshakeFault::NotHttp)).is_transient());
        assert!(!proxy(ProxyError::InvalidUrl("no")).is_transient());
        for (status, transient) in [(503, true), (407, false)] {
            let status = StatusCode::from_u16(status).unwrap();
            let error = ProxyError::Refused { status, headers: Box::default(), body: Bytes::new() };
            assert_eq!(proxy(error).is_transient(), transient, "{status}");
        }
        assert!(!failed(ConnectError::InvalidUrl("no")).is_transient());
    }

    #[test]
    fn only_some_answers_ask_for_patience() {
        let some = Some(Duration::from_secs(7));
        assert_eq!(refused(503, "7").retry_after(), some);
        assert_eq!(refused(429, "7").retry_after(), some);
        assert_eq!(refused(500, "7").retry_after(), None);
        assert_eq!(ended(1013, Initiator::Peer).retry_after(), None);
    }
}
