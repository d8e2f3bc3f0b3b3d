//! A handshake that is answered with an HTTP status instead of the 101.

use std::{borrow::Cow, error::Error, fmt, time::Duration};

use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{
        ALLOW, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, SEC_WEBSOCKET_VERSION,
        TRANSFER_ENCODING, UPGRADE,
    },
};

/// Why a handshake is refused: a status, headers, a short text.
///
/// What `#[on_handshake]`, [`FromHandshake`](crate::FromHandshake) and
/// [`Endpoint::bind`](crate::Endpoint::bind) answer instead of letting the client in. It goes out
/// as an ordinary HTTP response with a `text/plain` body, and the connection is closed after it.
/// A browser shows neither status nor text to a page; other clients and your logs do.
///
/// The framework's own refusals never repeat what the client sent. Keep to that in yours: the text
/// reaches whoever made the request.
///
/// ```
/// use wsframe::Refusal;
/// use http::{HeaderValue, StatusCode, header};
///
/// let refusal = Refusal::unauthorized("log in first")
///     .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
///
/// assert_eq!(refusal.status(), StatusCode::UNAUTHORIZED);
/// assert_eq!(refusal.to_string(), "401 Unauthorized: log in first");
/// ```
///
/// It is an [`Error`], so helpers that answer `Result<_, Box<dyn Error>>` may fail with one, and a
/// bare status converts: `Err(StatusCode::GONE.into())`.
///
/// Specification: RFC 6455 section 4.2.2, RFC 9110 section 15.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    /// Boxed, because every `Result` on the way carries the room for it.
    headers: Box<HeaderMap>,
    body: Cow<'static, str>,
}

impl Refusal {
    /// A refusal with this status and text.
    ///
    /// A status below 300 would say yes where the answer is no; 500 is sent in its place.
    ///
    /// # Panics
    ///
    /// With a status below 300, if debug assertions are on.
    pub fn new(status: StatusCode, body: impl Into<Cow<'static, str>>) -> Self {
        let refuses = status.as_u16() >= 300;
        debug_assert!(refuses, "{status} is no refusal");
        let status = if refuses { status } else { StatusCode::INTERNAL_SERVER_ERROR };
        Self { status, headers: Box::default(), body: body.into() }
    }

    /// 400: the request is wrong.
    pub fn bad_request(body: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, body)
    }

    /// 401: it is not known who asks. Name the way to say it with a `WWW-Authenticate`
    /// [`header`](Self::header).
    pub fn unauthorized(body: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, body)
    }

    /// 403: it is known who asks, or from where, and the answer is no.
    pub fn forbidden(body: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, body)
    }

    /// 404: nothing is here.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not found")
    }

    /// 405, with `Allow: GET`: a handshake is a GET.
    pub fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "a WebSocket handshake is a GET request")
            .header(ALLOW, HeaderValue::from_static("GET"))
    }

    /// 426, with `Upgrade: websocket` and `Sec-WebSocket-Version: 13`: here is a WebSocket, and
    /// this is the version that it speaks.
    pub fn upgrade_required(body: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UPGRADE_REQUIRED, body)
            .header(UPGRADE, HeaderValue::from_static("websocket"))
            .header(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"))
    }

    /// 500: the fault is ours. The text says no more than that; log the rest.
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error")
    }

    /// 503, with `Retry-After`: not now. Parts of a second count as a whole one.
    pub fn unavailable(retry_after: Duration) -> Self {
        let seconds =
            retry_after.as_secs().saturating_add(u64::from(retry_after.subsec_nanos() > 0));
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "try again later").header(RETRY_AFTER, seconds)
    }

    /// 429, with `Retry-After`: too much from this client. Parts of a second count as a whole one.
    /// RFC 6585 section 4.
    pub fn too_many_requests(retry_after: Duration) -> Self {
        let unavailable = Self::unavailable(retry_after);
        Self { status: StatusCode::TOO_MANY_REQUESTS, body: "too many".into(), ..unavailable }
    }

    /// Adds a response header; a second one of the same name is a second line.
    ///
    /// Text from elsewhere becomes a [`HeaderValue`] only if it has no line breaks and no control
    /// characters, so a response cannot be split. `Connection`, `Content-Length` and
    /// `Transfer-Encoding` are the framework's.
    pub fn header(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.headers.append(name, value.into());
        self
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The response headers that were added.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The text.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The response, ready to be sent: the headers say what the body is and that the connection
    /// ends here, so that a second request in the same segment is never read as one.
    pub(crate) fn into_response_parts(self) -> (StatusCode, HeaderMap, Cow<'static, str>) {
        let Self { status, mut headers, body } = self;
        // The length is the server's to say; a wrong one would let a body pass for a response.
        headers.remove(CONTENT_LENGTH);
        headers.remove(TRANSFER_ENCODING);
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        if headers.contains_key(UPGRADE) {
            // RFC 9110 section 7.8: who sends `Upgrade` names it in `Connection`.
            headers.append(CONNECTION, HeaderValue::from_static("upgrade"));
        }
        headers
            .entry(CONTENT_TYPE)
            .or_insert(HeaderValue::from_static("text/plain; charset=utf-8"));
        (status, *headers, body)
    }
}

/// A refusal whose text is the status' own: `410 Gone` says `Gone`.
impl From<StatusCode> for Refusal {
    fn from(status: StatusCode) -> Self {
        Self::new(status, status.canonical_reason().unwrap_or("refused"))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.body)
    }
}

impl Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_response_closes_and_is_plain_text() {
        for refusal in [
            Refusal::bad_request("no"),
            Refusal::upgrade_required("no"),
            Refusal::not_found()
                .header(CONNECTION, HeaderValue::from_static("keep-alive"))
                .header(CONTENT_LENGTH, HeaderValue::from_static("999"))
                .header(TRANSFER_ENCODING, HeaderValue::from_static("chunked")),
        ] {
            let (_, headers, _) = refusal.into_response_parts();
            assert_eq!(headers[CONNECTION], "close");
            assert_eq!(headers[CONTENT_TYPE], "text/plain; charset=utf-8");
            assert!(!headers.contains_key(CONTENT_LENGTH));
            assert!(!headers.contains_key(TRANSFER_ENCODING));
            let upgrades = headers.get_all(CONNECTION).iter().any(|value| value == "upgrade");
            assert_eq!(upgrades, headers.contains_key(UPGRADE));
        }
    }

    #[test]
    fn the_constructors_carry_what_their_status_asks_for() {
        assert_eq!(Refusal::method_not_allowed().headers()[ALLOW], "GET");
        let old = Refusal::upgrade_required("which version?");
        assert_eq!(old.headers()[SEC_WEBSOCKET_VERSION], "13");
        assert_eq!(old.headers()[UPGRADE], "websocket");
        assert_eq!(Refusal::unavailable(Duration::from_secs(2)).headers()[RETRY_AFTER], "2");
        assert_eq!(Refusal::unavailable(Duration::from_millis(2001)).headers()[RETRY_AFTER], "3");
        assert_eq!(Refusal::forbidden("no").status(), 403);
        assert_eq!(Refusal::internal().status(), 500);
        assert_eq!(Refusal::from(StatusCode::GONE).to_string(), "410 Gone: Gone");
    }

    #[test]
    fn headers_of_one_name_are_lines() {
        let cookie = http::header::SET_COOKIE;
        let refusal = Refusal::not_found()
            .header(cookie.clone(), HeaderValue::from_static("a=1"))
            .header(cookie.clone(), HeaderValue::from_static("b=2"));
        assert_eq!(refusal.headers().get_all(cookie).iter().count(), 2);
    }

    #[test]
    fn text_that_would_split_a_response_is_no_header() {
        for text in ["a\r\nSet-Cookie: x=1", "a\nb", "a\rb", "a\0b", "a\x1bb"] {
            assert!(HeaderValue::try_from(text).is_err(), "{text:?}");
        }
    }

    #[test]
    #[cfg_attr(debug_assertions, should_panic(expected = "is no refusal"))]
    fn a_refusal_never_says_yes() {
        let refusal = Refusal::new(StatusCode::SWITCHING_PROTOCOLS, "come in");
        assert_eq!(refusal.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
