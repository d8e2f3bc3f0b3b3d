//! Why a connection ends: codes, what we ask for, what happened.

use std::{borrow::Cow, fmt};

/// The longest reason that fits into a close frame, in bytes: a control frame carries 125, two of
/// them are the code.
const MAX_REASON: usize = 123;

/// A status code of the closing handshake.
///
/// ```
/// use wsframe::CloseCode;
///
/// assert_eq!(u16::from(CloseCode::GOING_AWAY), 1001);
/// assert!(CloseCode::from(4003).may_be_sent());
/// assert!(!CloseCode::ABNORMAL.may_be_sent());
/// ```
///
/// Specification: RFC 6455 section 7.4 and the IANA registry.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[doc(alias = "CloseCodes")]
pub struct CloseCode(u16);

impl CloseCode {
    /// 1000: the purpose of the connection is fulfilled; what [`Close::normal`] says.
    pub const NORMAL: Self = Self(1000);
    /// 1001: the endpoint goes away. The framework sends it at a shutdown and after `idle_timeout`; a
    /// browser sends it when the page is left.
    pub const GOING_AWAY: Self = Self(1001);
    /// 1002: the peer broke the protocol, with an unmasked frame for example (RFC 6455 section 5.1).
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// 1003: a kind of message that the endpoint does not take: text or binary without a handler.
    pub const UNSUPPORTED: Self = Self(1003);
    /// 1005: the close frame had no code. Reported only, never sent.
    pub const NO_STATUS: Self = Self(1005);
    /// 1006: the connection ended without a close frame. Reported only, never sent.
    pub const ABNORMAL: Self = Self(1006);
    /// 1007: a payload that is not what its kind says: text that is not UTF-8 (RFC 6455 section 8.1),
    /// or what a handler's payload type does not decode.
    pub const INVALID_PAYLOAD: Self = Self(1007);
    /// 1008: a policy is violated. The framework sends it beyond `max_fragments` and
    /// `assembly_timeout`, and when a principal expires.
    pub const POLICY: Self = Self(1008);
    /// 1009: a message is too big: beyond `max_message_size` or `max_frame_size`.
    pub const TOO_BIG: Self = Self(1009);
    /// 1011: the server failed: a handler's error, or a panic.
    pub const INTERNAL: Self = Self(1011);
    /// 1012: the server restarts. Never sent by the framework itself; from the IANA registry.
    pub const RESTART: Self = Self(1012);
    /// 1013: the server is overloaded, or this peer reads too slowly; try again later. In the second
    /// case it is reported and not sent, as the peer would not read it. From the IANA registry.
    pub const TRY_AGAIN: Self = Self(1013);

    /// Whether this code may stand in a close frame: 1000 to 1003, 1007 to 1014, 3000 to 4999. Those of
    /// an application are 4000 to 4999; 3000 to 3999 are registered (RFC 6455 section 7.4.2).
    pub const fn may_be_sent(self) -> bool {
        matches!(self.0, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }
}

impl From<u16> for CloseCode {
    fn from(code: u16) -> Self {
        Self(code)
    }
}

impl From<CloseCode> for u16 {
    fn from(code: CloseCode) -> Self {
        code.0
    }
}

impl PartialEq<u16> for CloseCode {
    fn eq(&self, other: &u16) -> bool {
        self.0 == *other
    }
}

impl fmt::Debug for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The wish to end a connection with a code and a reason.
///
/// Give it to [`Session::close`](crate::Session::close), or return it as a handler's error.
///
/// ```
/// use wsframe::Close;
///
/// fn check(strikes: u32) -> wsframe::Result {
///     if strikes > 2 {
///         return Err(Close::new(4003, "kicked").into());
///     }
///     Ok(())
/// }
/// assert!(check(3).is_err());
/// ```
///
/// Specification: RFC 6455 section 7.1.2.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(alias = "CloseStatus")]
pub struct Close {
    code: CloseCode,
    reason: Cow<'static, str>,
}

impl Close {
    /// A close with this code and reason.
    ///
    /// A code that may not stand in a close frame ([`CloseCode::may_be_sent`]) is replaced by 1011,
    /// since the mistake is on this side. A reason of more than 123 bytes is cut, never inside a
    /// character (RFC 6455 sections 5.5 and 5.5.1).
    ///
    /// ```
    /// use wsframe::Close;
    ///
    /// assert_eq!(Close::new(1006, "never sent").code(), 1011);
    /// assert_eq!(Close::new(4000, "é".repeat(100)).reason().len(), 122);
    /// ```
    pub fn new(code: impl Into<CloseCode>, reason: impl Into<Cow<'static, str>>) -> Self {
        let code = code.into();
        let mut reason = reason.into();
        if reason.len() > MAX_REASON {
            let end = reason.floor_char_boundary(MAX_REASON);
            reason.to_mut().truncate(end);
        }
        Self { code: if code.may_be_sent() { code } else { CloseCode::INTERNAL }, reason }
    }

    /// A normal close (1000) without a reason.
    pub fn normal() -> Self {
        Self::new(CloseCode::NORMAL, "")
    }

    /// The code.
    pub fn code(&self) -> CloseCode {
        self.code
    }

    /// The reason; may be empty.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for Close {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_reason(f, self.code, &self.reason)
    }
}

impl std::error::Error for Close {}

/// Who ended a connection.
///
/// ```
/// use wsframe::{CloseReason, Initiator};
///
/// fn cause(reason: &CloseReason) -> &'static str {
///     match reason.initiator() {
///         Initiator::Peer => "they left",
///         Initiator::Local => "we closed",
///         _ => "the line broke",
///     }
/// }
/// ```
///
/// Specification: RFC 6455 sections 7.1.2 and 7.1.7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Initiator {
    /// The peer sent its close frame first.
    Peer,
    /// We did: a handler, another task, a limit, a timeout, a shutdown.
    Local,
    /// Nobody said good-bye: the transport failed or fell silent.
    Network,
}

/// How a connection ended, as `#[on_close]` and [`Session::closed`](crate::Session::closed) tell it.
///
/// Codes keep their value, also those that never stand on the wire: 1005 when the peer's close
/// frame had none, 1006 when there was no close frame at all. A peer that read too slowly is
/// reported as 1013, though no close frame could reach it.
///
/// ```
/// use wsframe::{CloseCode, CloseReason, Initiator};
///
/// fn comes_back(reason: &CloseReason) -> bool {
///     reason.initiator() == Initiator::Network || reason.code() == CloseCode::GOING_AWAY
/// }
/// ```
///
/// Specification: RFC 6455 sections 7.1.5 and 7.1.6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseReason {
    code: CloseCode,
    reason: Cow<'static, str>,
    initiator: Initiator,
    clean: bool,
}

impl CloseReason {
    pub(crate) fn new(
        code: CloseCode,
        reason: impl Into<Cow<'static, str>>,
        initiator: Initiator,
        clean: bool,
    ) -> Self {
        Self { code, reason: reason.into(), initiator, clean }
    }

    pub(crate) fn into_clean(mut self) -> Self {
        self.clean = true;
        self
    }

    pub(crate) fn into_unclean(mut self) -> Self {
        self.clean = false;
        self
    }

    /// The code.
    #[doc(alias = "getCloseCode")]
    pub fn code(&self) -> CloseCode {
        self.code
    }

    /// The reason; may be empty. It comes from the peer if the peer started: do not trust it.
    #[doc(alias = "getReasonPhrase")]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Who ended the connection.
    pub fn initiator(&self) -> Initiator {
        self.initiator
    }

    /// Whether both sides sent their close frame.
    #[doc(alias = "wasClean")]
    pub fn was_clean(&self) -> bool {
        self.clean
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_reason(f, self.code, &self.reason)
    }
}

/// `1001 server shuts down`; the reason is escaped, because it may come from a stranger.
fn fmt_reason(f: &mut fmt::Formatter<'_>, code: CloseCode, reason: &str) -> fmt::Result {
    write!(f, "{code}")?;
    if reason.is_empty() { Ok(()) } else { write!(f, " {}", reason.escape_debug()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_codes_are_never_sent() {
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, u16::MAX] {
            assert_eq!(Close::new(code, "").code(), CloseCode::INTERNAL, "{code}");
        }
        for code in [1000, 1003, 1007, 1012, 1014, 3000, 4999] {
            assert_eq!(Close::new(code, "").code(), code);
        }
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let close = Close::new(1000, "é".repeat(100));
        assert_eq!(close.reason().len(), 122);
        assert!(close.reason().chars().all(|c| c == 'é'));
    }

    #[test]
    fn a_reason_from_a_stranger_is_escaped() {
        let reason = CloseReason::new(1000.into(), "a\r\nb\u{1b}", Initiator::Peer, true);
        assert_eq!(reason.to_string(), r"1000 a\r\nb\u{1b}");
    }
}
