//! What one session has set for itself.

use std::{sync::atomic::Ordering, time::Duration};

use super::{
    Agenda, Session,
    signals::{IDLE, LIMITS, PINGED},
};

/// Settings of one session that go before those of its endpoint.
#[derive(Debug, Default)]
pub(super) struct Own {
    max_message_size: Option<usize>,
    send_timeout: Option<Duration>,
    ping_interval: Option<Watched>,
    idle_timeout: Option<Watched>,
}

/// A time after which something is due, and when that is; an entry of the agenda for any other
/// moment is out of date.
#[derive(Clone, Copy, Debug)]
struct Watched {
    every: Option<Duration>,
    at: Option<u64>,
}

impl Own {
    fn watched(&mut self, agenda: Agenda) -> Option<&mut Watched> {
        match agenda {
            Agenda::Heartbeat => self.ping_interval.as_mut(),
            Agenda::Idle => self.idle_timeout.as_mut(),
            Agenda::Expiry => None,
        }
    }
}

/// Settings that hold for this session alone, from now on. They go before what `configure`, the
/// attribute and the server say.
impl Session {
    fn own<T>(&self, read: impl FnOnce(&mut Own) -> Option<T>) -> Option<T> {
        read(self.extra().as_mut()?.own.as_deref_mut()?)
    }

    fn set_own(&self, write: impl FnOnce(&mut Own)) {
        let mut extra = self.extra();
        let extra = extra.get_or_insert_default();
        if extra.ended.is_none() {
            write(extra.own.get_or_insert_default());
        }
    }

    /// The length in bytes that a received message may have (1009 beyond it).
    #[doc(alias = "getMaxTextMessageBufferSize")]
    #[doc(alias = "getMaxBinaryMessageBufferSize")]
    pub fn max_message_size(&self) -> usize {
        self.own(|own| own.max_message_size).unwrap_or(self.settings().max_message_size)
    }

    /// Sets the length in bytes that a received message may have, from the next message on; at
    /// least 1. A login can raise it: strangers send little.
    ///
    /// ```
    /// # fn example(session: &wsframe::Session) {
    /// session.set_max_message_size(16 * 1024 * 1024);
    /// assert_eq!(session.max_message_size(), 16 * 1024 * 1024);
    /// # }
    /// ```
    #[doc(alias = "setMaxTextMessageBufferSize")]
    #[doc(alias = "setMaxBinaryMessageBufferSize")]
    #[doc(alias = "setTextMessageSizeLimit")]
    pub fn set_max_message_size(&self, bytes: usize) {
        self.set_own(|own| own.max_message_size = Some(bytes.max(1)));
        self.signal(LIMITS);
    }

    /// How long [`send`](Self::send) waits for room in the outbox.
    #[doc(alias = "getSendTimeout")]
    pub fn send_timeout(&self) -> Duration {
        self.own(|own| own.send_timeout).unwrap_or(self.settings().send_timeout)
    }

    /// Sets how long [`send`](Self::send) waits for room in the outbox, for sends that begin to wait
    /// from now on.
    #[doc(alias = "setSendTimeout")]
    pub fn set_send_timeout(&self, timeout: Duration) {
        self.set_own(|own| own.send_timeout = Some(timeout));
    }

    /// The time between two pings; `None` without pings.
    pub fn ping_interval(&self) -> Option<Duration> {
        self.every(Agenda::Heartbeat).unwrap_or(self.settings().ping_interval)
    }

    /// Sets the time between two pings, the next one counted from now; `None` for none. What comes
    /// back has to come within the endpoint's `pong_timeout`.
    #[doc(alias = "setHeartbeatTime")]
    pub fn set_ping_interval(&self, interval: Option<Duration>) {
        self.set_own(|own| own.ping_interval = Some(Watched { every: interval, at: None }));
        self.beat().fetch_and(!PINGED, Ordering::Relaxed);
        self.watch(Agenda::Heartbeat, interval);
    }

    /// How long the session may go without a message either way; `None` for ever.
    #[doc(alias = "getMaxIdleTimeout")]
    pub fn idle_timeout(&self) -> Option<Duration> {
        self.every(Agenda::Idle).unwrap_or(self.settings().idle_timeout)
    }

    /// Sets how long the session may go without a message either way, counted from now; `None` for
    /// ever. After it the session is closed with 1001.
    #[doc(alias = "setMaxIdleTimeout")]
    pub fn set_idle_timeout(&self, timeout: Option<Duration>) {
        self.set_own(|own| own.idle_timeout = Some(Watched { every: timeout, at: None }));
        if timeout.is_some() {
            self.beat().fetch_or(IDLE, Ordering::Relaxed);
            self.touch();
        } else {
            self.beat().fetch_and(!IDLE, Ordering::Relaxed);
        }
        self.watch(Agenda::Idle, timeout);
    }

    // ---- for the heartbeat

    fn every(&self, agenda: Agenda) -> Option<Option<Duration>> {
        self.own(|own| own.watched(agenda).map(|watched| watched.every))
    }

    /// Puts a session on the agenda.
    pub(crate) fn watch(&self, agenda: Agenda, every: Option<Duration>) {
        if let Some(every) = every {
            // At least one: nothing is due at the moment it is asked for.
            let millis = (every.as_millis() as u64).max(1);
            self.watch_at(agenda, self.directory().now() + millis);
        }
    }

    pub(crate) fn watch_at(&self, agenda: Agenda, at: u64) {
        self.own(|own| own.watched(agenda).map(|watched| watched.at = Some(at)));
        self.remind(agenda, at);
    }

    /// Whether an entry of the agenda is out of date, because the session has set its time anew.
    pub(crate) fn is_outdated(&self, agenda: Agenda, at: u64) -> bool {
        self.own(|own| own.watched(agenda).map(|watched| watched.at != Some(at))).unwrap_or(false)
    }
}
