//! What a peer can do wrong on the wire, and the close code that RFC 6455 gives it.

use crate::message::CloseCode;

/// A violation of the protocol or of a limit. The connection ends with this code and reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: CloseCode,
    pub(crate) reason: &'static str,
}

impl Fault {
    pub(crate) const fn protocol(reason: &'static str) -> Self {
        Self { code: CloseCode::PROTOCOL_ERROR, reason }
    }

    pub(crate) const fn invalid_utf8() -> Self {
        Self { code: CloseCode::INVALID_PAYLOAD, reason: "text is not UTF-8" }
    }

    /// What does not inflate is no payload of its kind.
    pub(crate) const fn inflate(reason: &'static str) -> Self {
        Self { code: CloseCode::INVALID_PAYLOAD, reason }
    }

    pub(crate) const fn too_big(reason: &'static str) -> Self {
        Self { code: CloseCode::TOO_BIG, reason }
    }

    pub(crate) const fn policy(reason: &'static str) -> Self {
        Self { code: CloseCode::POLICY, reason }
    }
}
