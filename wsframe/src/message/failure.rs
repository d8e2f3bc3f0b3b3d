//! What went wrong in an endpoint, and what its `on_error` decides.

use std::{error::Error as StdError, fmt};

use super::{Close, Error, Message};

/// Where a failure comes from.
///
/// ```
/// use wsframe::{Failure, FailureKind};
///
/// fn ours(failure: &Failure) -> bool {
///     failure.kind() == FailureKind::Handler
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// A handler returned an error.
    Handler,
    /// A payload did not decode.
    Decode,
}

/// A failure of a handler, of a payload or of a reply, as `#[on_error]` receives it.
///
/// ```
/// use wsframe::prelude::*;
/// use wsframe::{Failure, OnError};
///
/// # #[derive(Default)]
/// #[server_endpoint("/sum")]
/// struct Sum;
///
/// impl Sum {
///     #[on_message]
///     async fn add(&mut self, line: String) -> wsframe::Result<String> {
///         let numbers = line.split('+').map(|n| n.trim().parse::<i64>());
///         Ok(numbers.sum::<Result<i64, _>>()?.to_string())
///     }
///
///     #[on_error]
///     async fn failed(&mut self, failure: &Failure, session: &Session) -> OnError {
///         if failure.downcast_ref::<std::num::ParseIntError>().is_none() {
///             return failure.default_action();
///         }
///         let _ = session.send("numbers, please").await;
///         OnError::Continue
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Failure {
    kind: FailureKind,
    message: Option<Message>,
    source: Error,
}

impl Failure {
    pub(crate) fn new(kind: FailureKind, message: Option<Message>, source: Error) -> Self {
        Self { kind, message, source }
    }

    /// Where the failure comes from.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// The message that did not decode, or the part of one; `None` where something else failed. It
    /// comes from a stranger.
    pub fn message(&self) -> Option<&Message> {
        self.message.as_ref()
    }

    /// The error itself, if it is of this type.
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        self.source.downcast_ref()
    }

    /// What happens without an `#[on_error]`: [`OnError::Default`].
    pub fn default_action(&self) -> OnError {
        OnError::Default
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}

/// What `#[on_error]` decides.
///
/// ```
/// use wsframe::{Close, Failure, FailureKind, OnError, on_error, server_endpoint};
///
/// #[server_endpoint("/patient")]
/// struct Patient;
///
/// impl Patient {
///     #[on_error]
///     fn failed(&mut self, failure: &Failure) -> OnError {
///         match failure.kind() {
///             FailureKind::Decode => OnError::Continue,
///             _ if failure.downcast_ref::<std::io::Error>().is_some() => {
///                 OnError::Close(Close::new(1012, "come back soon"))
///             }
///             _ => OnError::Default, // logged, and closed with 1011
///         }
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnError {
    /// Go on with the next message.
    Continue,
    /// Close the connection.
    Close(Close),
    /// What happens without an `#[on_error]`: the failure is logged, and
    /// [`Server::on_failure`](crate::Server::on_failure) decides. By default the connection is closed
    /// with 1011 for a handler's error and with 1007 for a payload; the error's text never reaches
    /// the peer.
    Default,
}
