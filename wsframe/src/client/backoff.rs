//! How long to wait before the next dial.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, header::RETRY_AFTER};

use crate::limits::client::{BACKOFF_CAP, BACKOFF_FIRST, MAX_RETRY_AFTER, STABLE_AFTER};

/// Exponential back-off with full jitter: before a dial a random time is waited between nothing and
/// a most, which doubles with each failure in a row, up to a cap. So a thousand clients of a server
/// that restarts do not come back in the same moment.
///
/// ```
/// use std::time::Duration;
/// use wsframe::{Backoff, Client};
///
/// let client = Client::new("ws://127.0.0.1:8080/chat/rust?nick=bot")
///     .reconnect(Backoff::new().first(Duration::from_secs(1)).cap(Duration::from_secs(300)));
/// # let _ = client;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Backoff {
    first: Duration,
    cap: Duration,
    stable_after: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: BACKOFF_FIRST, cap: BACKOFF_CAP, stable_after: STABLE_AFTER }
    }
}

impl Backoff {
    /// The defaults: at first up to half a second, at most 60 s, anew after 30 s.
    pub fn new() -> Self {
        Self::default()
    }

    /// The most that is waited at first. Default 500 ms; zero never waits.
    pub fn first(mut self, most: Duration) -> Self {
        self.first = most;
        self
    }

    /// The most that is waited at all. Default 60 s. A server's `Retry-After` comes on top of it, and
    /// counts for an hour at most.
    pub fn cap(mut self, most: Duration) -> Self {
        self.cap = most;
        self
    }

    /// How long a session has to live for the back-off to begin anew. Default 30 s. A server that lets
    /// clients in and throws them out at once is not dialled more often than one that does not answer.
    pub fn stable_after(mut self, time: Duration) -> Self {
        self.stable_after = time;
        self
    }

    pub(super) fn is_stable(&self, lived: Duration) -> bool {
        lived >= self.stable_after
    }

    /// How long to wait after so many failures in a row. `chance` is between 0 and 1.
    pub(super) fn delay(
        &self,
        failures: u32,
        retry_after: Option<Duration>,
        chance: f64,
    ) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
        let most = self.first.saturating_mul(doubled).min(self.cap);
        // On top of what the server wants: the others were told the same.
        retry_after.unwrap_or_default() + most.mul_f64(chance)
    }
}

/// `Retry-After`, a number of seconds or a date; RFC 9110 section 10.2.3.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let after = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() => {
            MAX_RETRY_AFTER // more than any number holds
        }
        Err(_) => {
            let date = httpdate::parse_http_date(text).ok()?;
            date.duration_since(SystemTime::now()).unwrap_or_default()
        }
    };
    Some(after.min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn it_doubles_up_to_the_cap() {
        let backoff = Backoff::new().first(Duration::from_secs(1)).cap(Duration::from_secs(10));
        let most = |failures| backoff.delay(failures, None, 1.0).as_secs();
        assert_eq!([0, 1, 2, 3, 4, 5, 6, u32::MAX].map(most), [1, 1, 2, 4, 8, 10, 10, 10]);
        assert_eq!(backoff.delay(3, None, 0.5).as_secs(), 2);
        assert_eq!(backoff.delay(3, None, 0.0), Duration::ZERO);
        let later = Some(Duration::from_secs(100));
        assert_eq!(backoff.delay(9, later, 0.0).as_secs(), 100);
        assert_eq!(backoff.delay(9, later, 1.0).as_secs(), 110);
        let huge = Backoff::new().first(Duration::MAX).cap(Duration::MAX);
        let _ = huge.delay(u32::MAX, later, 0.9);
    }

    #[test]
    fn retry_after_is_a_number_or_a_date() {
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_str(text).unwrap());
            retry_after(&headers)
        };
        let hour = Some(Duration::from_secs(3600));
        assert_eq!(read("120"), Some(Duration::from_secs(120)));
        assert_eq!(read(" 0 "), Some(Duration::ZERO));
        assert_eq!(read("99999999999999999999999"), hour);
        assert_eq!(read("Fri, 31 Dec 9999 23:59:59 GMT"), hour);
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
        for nothing in ["soon", "-1", "", "1.5"] {
            assert_eq!(read(nothing), None, "{nothing}");
        }
        let soon = SystemTime::now() + Duration::from_secs(100);
        let wait = read(&httpdate::fmt_http_date(soon)).unwrap();
        assert!((98..=100).contains(&wait.as_secs()), "{wait:?}");
    }
}
