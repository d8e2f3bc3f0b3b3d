//! What a session tells its driver and the heartbeat, one bit each.

// ---- the driver has to look

/// A close frame of ours is queued.
pub(crate) const CLOSING: u8 = 1;
/// The connection is to be dropped without further words.
pub(crate) const KILLED: u8 = 2;
/// The connection has ended.
pub(super) const ENDED: u8 = 4;
/// Values wait for `on_event`.
pub(crate) const EVENTS: u8 = 8;
/// The endpoint wants ticks.
pub(crate) const TICKS: u8 = 16;
/// The session has set a limit for what it receives.
pub(crate) const LIMITS: u8 = 32;

// ---- signs of life

/// Bytes came in since the last ping.
pub(crate) const ALIVE: u8 = 1;
/// A ping is out.
pub(crate) const PINGED: u8 = 2;
/// We do not read, because a handler is busy.
pub(crate) const PAUSED: u8 = 4;
/// There is an idle timeout, so the time of the last message matters.
pub(super) const IDLE: u8 = 8;
