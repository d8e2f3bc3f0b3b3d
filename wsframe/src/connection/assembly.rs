//! The deadline of a message that has begun and is not complete.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// Runs while reads end inside of messages.
#[derive(Debug)]
pub(super) struct Assembly {
    timer: Pin<Box<Sleep>>,
    /// Since when there is something of the message that is being put together.
    since: Instant,
    /// That one is complete; what there is belongs to another.
    complete: bool,
}

impl Assembly {
    pub(super) fn begin(limit: Duration) -> Box<Self> {
        let since = Instant::now();
        Box::new(Self { timer: Box::pin(sleep_until(since + limit)), since, complete: false })
    }

    /// A message is complete. The timer stays as it is: it would be set anew for each message of a
    /// peer that sends many.
    pub(super) fn complete(&mut self) {
        self.complete = true;
    }

    /// Ready when the message has had its time.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, limit: Duration) -> Poll<()> {
        if std::mem::take(&mut self.complete) {
            self.since = Instant::now();
        }
        loop {
            ready!(self.timer.as_mut().poll(cx));
            let due = self.since + limit;
            if self.timer.deadline() >= due {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(due);
        }
    }
}
