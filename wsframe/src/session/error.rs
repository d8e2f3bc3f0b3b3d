//! Why a message was not sent.

use crate::message::{Error, Message};

/// Why [`Session::send`](super::Session::send) did not send.
///
/// Returned from a handler with `?`, `Closed` ends the handler quietly: the connection is going
/// anyway.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The session is closing or closed.
    #[error("the session is closed")]
    Closed,
    /// The value did not become a message.
    #[error("the message cannot be encoded: {0}")]
    Encode(#[source] Error),
}

/// Why [`Session::try_send`](super::Session::try_send) did not send.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrySendError {
    /// The outbox is full; here is the message back.
    #[error("the outbox is full")]
    Full(Message),
    /// The session is closing or closed.
    #[error("the session is closed")]
    Closed,
    /// The value did not become a message.
    #[error("the message cannot be encoded: {0}")]
    Encode(#[source] Error),
}
