//! A handshake that was answered with something else than the 101.

use std::{
    error::Error,
    fmt,
    future::poll_fn,
    pin::{Pin, pin},
};

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use http_body::Body as _;

use crate::server::Body;

/// The answer to a handshake that opened no session.
///
/// `Debug` is the readable form too, because `unwrap` prints it.
///
/// ```
/// # async fn example(app: &wsframe::testing::InMemory) {
/// let refused = app.connect("/nowhere").await.unwrap_err();
/// assert_eq!(refused.status(), 404);
/// assert_eq!(refused.text(), "not found");
/// # }
/// ```
pub struct Refused {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Refused {
    pub(super) fn new(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self { status, headers: HeaderMap::new(), body: body.into() }
    }

    /// Reads the response; a body that fails half-way ends there.
    pub(super) async fn read(response: Response<Body>) -> Self {
        let (head, body) = response.into_parts();
        let mut body = pin!(body);
        let mut read = Vec::new();
        while let Some(Ok(frame)) = poll_fn(|cx| Pin::as_mut(&mut body).poll_frame(cx)).await {
            if let Ok(data) = frame.into_data() {
                read.extend_from_slice(&data);
            }
        }
        Self { status: head.status, headers: head.headers, body: read.into() }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The first header of that name, if it is visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body as text; empty if it is none.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the handshake was answered {}: {}", self.status, self.text())
    }
}

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for Refused {}
