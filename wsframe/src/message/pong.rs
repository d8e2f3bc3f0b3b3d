//! The payload of a pong.

use bytes::Bytes;

/// A pong: what the peer answers to [`Session::ping`](crate::Session::ping), or sends unasked.
///
/// ```
/// use wsframe::Pong;
///
/// let pong = Pong::new("beat");
/// assert_eq!(pong.payload(), b"beat");
/// ```
///
/// Specification: RFC 6455 section 5.5.3.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[doc(alias = "PongMessage")]
#[doc(alias = "sendPong")]
pub struct Pong(Bytes);

impl Pong {
    /// A pong with this application data. What is beyond 125 bytes is cut off: a control frame
    /// cannot carry more.
    pub fn new(payload: impl Into<Bytes>) -> Self {
        let mut payload = payload.into();
        payload.truncate(125);
        Self(payload)
    }

    /// The application data, at most 125 bytes.
    #[doc(alias = "getApplicationData")]
    pub fn payload(&self) -> &[u8] {
        &self.0
    }

    /// The application data as shared bytes.
    pub fn into_payload(self) -> Bytes {
        self.0
    }
}
