//! Why a message was not sent.

use crate::message::{Error, Message};

/// Why [`Session::send`](super::Session::send) did not send.
///
/// Returned from a handler with `?`, `Closed` ends the handler quietly: the connection is going
/// anyway.
///
/// ```
/// use wsframe::{Json, SendError, Session};
///
/// async fn report(session: &Session, numbers: Vec<f64>) -> Result<(), SendError> {
///     match session.send(Json(numbers)).await {
///         Err(SendError::Encode(error)) => session.send(format!("no report: {error}")).await,
///         sent => sent,
///     }
/// }
/// ```
#[doc(alias = "EncodeException")]
#[doc(alias = "SendResult")]
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
///
/// Returned from a handler with `?`, `Closed` ends the handler quietly, as with [`SendError`].
///
/// ```
/// use wsframe::{SendError, Session, TrySendError};
///
/// // At once if there is room; else wait for it.
/// async fn send(session: &Session, text: String) -> Result<(), SendError> {
///     match session.try_send(text) {
///         Ok(()) => Ok(()),
///         Err(TrySendError::Full(message)) => session.send(message).await,
///         Err(TrySendError::Encode(error)) => Err(SendError::Encode(error)),
///         Err(_) => Err(SendError::Closed),
///     }
/// }
/// ```
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
