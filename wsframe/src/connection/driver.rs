//! The outer layer of a connection's task: turns, and the write deadline.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::time::{Instant, Sleep, sleep};

use super::failure;
use crate::{
    outbox::Flushed,
    session::{Session, slow_reader},
    telemetry,
};

pin_project_lite::pin_project! {
    /// The task of one connection.
    pub(super) struct Driver<L> {
        #[pin]
        life: L,
        session: Session,
        stall: Option<Box<Stall>>,
    }
}

/// The kernel takes nothing at the moment.
struct Stall {
    deadline: Pin<Box<Sleep>>,
    /// How many bytes have to be written until then.
    mark: u64,
}

/// What a peer has to take within the write deadline, if so much waits. A peer on a slow line is
/// well above it; one that takes a byte now and then wins no time with it.
const LEAST: usize = 16 * 1024;

impl<L> Driver<L> {
    pub(super) fn new(life: L, session: Session) -> Self {
        Self { life, session, stall: None }
    }
}

/// The peer has to take something until the deadline.
#[cold]
fn poll_stall(session: &Session, slot: &mut Option<Box<Stall>>, cx: &mut Context<'_>) {
    let (waiting, written) = session.outbox().progress();
    let within = session.settings().write_timeout;
    let mark = written + waiting.min(LEAST) as u64;
    let stall =
        slot.get_or_insert_with(|| Box::new(Stall { deadline: Box::pin(sleep(within)), mark }));
    if written >= stall.mark {
        stall.mark = mark;
        stall.deadline.as_mut().reset(Instant::now() + within);
    }
    if stall.deadline.as_mut().poll(cx).is_ready() {
        *slot = None;
        telemetry::count::write_timeout();
        session.kill(slow_reader());
        cx.waker().wake_by_ref();
    }
}

impl<L: Future<Output = ()>> Future for Driver<L> {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        this.session.outbox().begin_turn();
        let life = this.life.poll(cx);
        match this.session.outbox().end_turn(cx) {
            Flushed::Drained => {
                if this.stall.is_some() {
                    *this.stall = None;
                }
            }
            Flushed::Blocked => poll_stall(this.session, this.stall, cx),
            Flushed::Failed(error) => {
                this.session.kill(failure::write_failed(error));
                cx.waker().wake_by_ref();
            }
        }
        life
    }
}
