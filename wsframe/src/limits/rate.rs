//! Rates: so many in a time, with a reserve for bursts.

use std::time::Duration;

/// How often something may happen, on average, and how often at once: a token bucket.
///
/// The reserve is what one second, or one minute, allows, unless [`burst`](Self::burst) says
/// otherwise. A message that is larger than the whole reserve of a rate of bytes passes when nothing
/// is missing from the reserve, and takes from what is to come.
///
/// ```
/// use wsframe::{Excess, Rate, server_endpoint};
///
/// // 20 messages a second, and up to 100 at once; 64 KiB a second. Beyond it messages are dropped.
/// #[server_endpoint(
///     "/game",
///     message_rate = Rate::per_second(20).burst(100),
///     byte_rate = "64KiB/s",
///     excess = drop
/// )]
/// struct Game;
///
/// // Or from outside.
/// let server = wsframe::Server::new()
///     .configure::<Game>(|game| game.message_rate(Rate::per_minute(600)).excess(Excess::Close));
/// # let _ = server;
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rate {
    amount: u64,
    per: Duration,
    burst: u64,
}

impl Rate {
    /// So many in a second.
    pub const fn per_second(amount: u64) -> Self {
        Self { amount, per: Duration::from_secs(1), burst: amount }
    }

    /// So many in a minute.
    pub const fn per_minute(amount: u64) -> Self {
        Self { amount, per: Duration::from_secs(60), burst: amount }
    }

    /// So many at once; at least 1.
    #[must_use]
    pub const fn burst(mut self, amount: u64) -> Self {
        self.burst = amount;
        self
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.amount == 0 || self.burst == 0
    }

    /// The time in which so many may happen, in nanoseconds.
    fn time(&self, amount: u64) -> u64 {
        let nanos = u128::from(amount) * self.per.as_nanos() / u128::from(self.amount.max(1));
        u64::try_from(nanos).unwrap_or(u64::MAX)
    }
}

/// `20/s`, `20/s, 100 at once`.
impl std::fmt::Debug for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = if self.per.as_secs() == 1 { "s" } else { "min" };
        write!(f, "{}/{unit}", self.amount)?;
        if self.burst == self.amount {
            return Ok(());
        }
        write!(f, ", {} at once", self.burst)
    }
}

/// What happens to a message beyond its connection's [`Rate`].
///
/// See [`Rate`] for an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Excess {
    /// The connection is closed with 1008. The default.
    #[default]
    Close,
    /// The message is dropped and the connection goes on. A message that is taken in parts cannot
    /// be dropped and closes it.
    Drop,
}

/// The state of one rate: the time until which what has happened is paid for, in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bucket(u64);

impl Bucket {
    /// Takes so much at the time `now`, in nanoseconds since any beginning; `false` if there is
    /// nothing left.
    pub(crate) fn take(&mut self, rate: Rate, amount: u64, now: u64) -> bool {
        let paid = self.0.max(now);
        let needed = rate.time(amount.min(rate.burst));
        let left = (paid - now).saturating_add(needed) <= rate.time(rate.burst);
        if left {
            self.0 = paid.saturating_add(rate.time(amount));
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn taken(bucket: &mut Bucket, rate: Rate, now: u64) -> usize {
        (0..1000).take_while(|_| bucket.take(rate, 1, now)).count()
    }

    #[test]
    fn the_reserve_and_then_the_rate() {
        let mut bucket = Bucket::default();
        let rate = Rate::per_second(10).burst(25);
        assert_eq!(taken(&mut bucket, rate, 0), 25);
        assert_eq!(taken(&mut bucket, rate, SECOND), 10);
        assert_eq!(taken(&mut bucket, rate, 3 * SECOND / 2), 5);
        assert_eq!(taken(&mut bucket, rate, 100 * SECOND), 25);
        assert_eq!(taken(&mut bucket, rate, 0), 0, "a clock that goes back gives nothing");
        let rate = Rate::per_minute(6);
        assert_eq!(taken(&mut Bucket::default(), rate, 0), 6);
    }

    #[test]
    fn what_is_larger_than_the_reserve_passes_once() {
        let mut bucket = Bucket::default();
        let rate = Rate::per_second(1000);
        assert!(bucket.take(rate, 5000, 0));
        assert!(!bucket.take(rate, 1, 4 * SECOND));
        assert!(bucket.take(rate, 1, 4 * SECOND + SECOND / 1000));
    }

    #[test]
    fn nothing_overflows() {
        let mut bucket = Bucket::default();
        assert!(bucket.take(Rate::per_minute(1), u64::MAX, u64::MAX));
        assert!(!bucket.take(Rate::per_minute(1), u64::MAX, 0));
        assert!(Bucket::default().take(Rate::per_second(u64::MAX), u64::MAX, 0));
    }

    #[test]
    fn it_is_written_as_one_says_it() {
        assert_eq!(format!("{:?}", Rate::per_second(20)), "20/s");
        assert_eq!(format!("{:?}", Rate::per_minute(6).burst(9)), "6/min, 9 at once");
    }
}
