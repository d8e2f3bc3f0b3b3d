//! From errors to close codes: the only such place.

use std::io;

use super::receiver::Dry;
use crate::{
    codec::DecodeError,
    message::{Close, CloseCode, CloseReason, Error, Failure, FailureKind, Initiator, MessageKind},
    session::{Cut, JoinError, SendError, TrySendError},
};

/// What a handler's error comes to.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The handler asked for this close.
    Close(Close),
    /// The handler stopped because its own session is closed; nothing to report.
    Quiet,
    /// For `on_error`.
    Failure(Failure),
}

/// Sorts a handler's error.
pub(super) fn judge(error: Error) -> Verdict {
    let error = match error.downcast::<Close>() {
        Ok(close) => return Verdict::Close(*close),
        Err(error) => error,
    };
    if is_closed(&error) {
        return Verdict::Quiet;
    }
    match error.downcast::<DecodeError>() {
        Ok(decode) => {
            let (message, source) = decode.into_parts();
            Verdict::Failure(Failure::new(FailureKind::Decode, Some(message), source))
        }
        Err(error) => Verdict::Failure(Failure::new(FailureKind::Handler, None, error)),
    }
}

/// Whether a handler failed only because its session is closed, or ended inside the message that
/// the handler reads.
fn is_closed(error: &Error) -> bool {
    matches!(error.downcast_ref(), Some(SendError::Closed))
        || matches!(error.downcast_ref(), Some(TrySendError::Closed))
        || matches!(error.downcast_ref(), Some(JoinError::Closed))
        || error.downcast_ref().and_then(io::Error::get_ref).is_some_and(|error| error.is::<Cut>())
}

/// Nobody has met the failure. Its text stays with us.
pub(super) fn unmet(failure: &Failure) -> Close {
    match failure.kind() {
        FailureKind::Handler => Close::new(CloseCode::INTERNAL, "internal error"),
        FailureKind::Decode => Close::new(CloseCode::INVALID_PAYLOAD, "message not understood"),
    }
}

/// The endpoint has no handler for this kind; a pong needs none.
pub(super) fn unsupported(kind: MessageKind) -> Option<Close> {
    let reason = match kind {
        MessageKind::Text => "no text messages here",
        MessageKind::Binary => "no binary messages here",
        MessageKind::Pong => return None,
    };
    Some(Close::new(CloseCode::UNSUPPORTED, reason))
}

/// User code panicked.
pub(super) fn panicked() -> Close {
    Close::new(CloseCode::INTERNAL, "internal error")
}

/// What we say to a peer that broke the protocol or a limit; `None` if it is gone.
pub(super) fn fault(dry: &Dry) -> Option<Close> {
    match dry {
        Dry::Fault(fault) => Some(Close::new(fault.code, fault.reason)),
        Dry::Eof | Dry::Io(_) => None,
    }
}

/// What we report of a connection that ended without a close frame.
pub(super) fn lost(dry: &Dry) -> CloseReason {
    abnormal(match dry {
        Dry::Io(error) => io_reason(error.kind()),
        Dry::Eof | Dry::Fault(_) => "the peer closed the transport without a close frame",
    })
}

/// A write failed.
pub(super) fn write_failed(error: io::ErrorKind) -> CloseReason {
    abnormal(io_reason(error))
}

/// No byte came after a ping.
pub(super) fn no_pong() -> CloseReason {
    abnormal("no sign of life after a ping")
}

/// The connection's task was dropped.
pub(super) fn dropped() -> CloseReason {
    abnormal("the connection was dropped")
}

fn abnormal(reason: &'static str) -> CloseReason {
    CloseReason::new(CloseCode::ABNORMAL, reason, Initiator::Network, false)
}

fn io_reason(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::ConnectionReset => "connection reset",
        io::ErrorKind::BrokenPipe => "broken pipe",
        io::ErrorKind::TimedOut => "connection timed out",
        _ => "transport failed",
    }
}
