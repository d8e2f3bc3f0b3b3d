//! The end of a connection: the closing handshake (RFC 6455 section 7) and its deadlines.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use tokio::time::{Instant, Sleep, sleep};

use super::receiver::Receiver;
use crate::{
    message::{Close, CloseCode, CloseReason, Initiator, Text},
    session::Session,
    wire::Event,
};

/// A connection that has begun to end. Only then this exists.
#[derive(Debug)]
pub(super) struct Ending {
    stage: Stage,
    reason: CloseReason,
    deadline: Pin<Box<Sleep>>,
    /// How far the outbox has to come before the transport is shut down.
    mark: Option<u64>,
    /// The peer's bytes make no sense any more; they are thrown away.
    deaf: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The peer's close frame is here; ours follows the replies to earlier messages.
    Asked,
    /// Our close frame is queued; the peer's is to come.
    Waiting,
    /// Both are said; ours has to leave.
    Leaving,
    /// It is over.
    Over,
}

impl Ending {
    fn new(session: &Session, stage: Stage, reason: CloseReason, deaf: bool) -> Box<Self> {
        let deadline = Box::pin(sleep(session.settings().close_timeout));
        Box::new(Self { stage, reason, deadline, mark: None, deaf })
    }

    /// The peer sent its close frame; or answered ours, if that is on its way.
    pub(super) fn by_peer(session: &Session, body: Option<(CloseCode, Text)>) -> Box<Self> {
        if let Some(close) = session.asked() {
            return Self::new(session, Stage::Leaving, local(&close, true), false);
        }
        let (code, reason) = body.unwrap_or((CloseCode::NO_STATUS, Text::default()));
        let reason = CloseReason::new(code, String::from(reason), Initiator::Peer, true);
        Self::new(session, Stage::Asked, reason, false)
    }

    /// Our close frame is queued.
    pub(super) fn by_us(session: &Session, close: &Close) -> Box<Self> {
        Self::new(session, Stage::Waiting, local(close, false), false)
    }

    /// The peer broke the protocol: our close frame is queued, and nothing more is understood.
    pub(super) fn by_fault(session: &Session, close: &Close) -> Box<Self> {
        Self::new(session, Stage::Leaving, local(close, false), true)
    }

    /// The transport is gone; perhaps as an answer to our close frame.
    pub(super) fn by_loss(session: &Session, reason: CloseReason) -> Box<Self> {
        session.outbox().abandon();
        let asked = session.asked().filter(|_| session.killed().is_none());
        let reason = asked.map_or(reason, |close| local(&close, false));
        Self::new(session, Stage::Over, reason, false)
    }

    /// Whether messages that came before the end are still to be handled: those before the peer's
    /// close frame are, those before ours are not.
    pub(super) fn delivers(&self) -> bool {
        self.reason.initiator() != Initiator::Local
    }

    pub(super) fn reason(&self) -> &CloseReason {
        &self.reason
    }

    /// The deadline is used again, for a handler that is still running.
    pub(super) fn restart(&mut self, within: std::time::Duration) {
        self.deadline.as_mut().reset(Instant::now() + within);
    }

    pub(super) fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.deadline.as_mut().poll(cx)
    }

    /// Replies to earlier messages are queued: our close frame may follow, with the peer's code.
    pub(super) fn answer(&mut self, session: &Session) {
        if self.stage == Stage::Asked {
            let echo = self.reason.code();
            let echo = (echo != CloseCode::NO_STATUS)
                .then(|| Close::new(echo, self.reason.reason().to_owned()));
            session.outbox().close(echo.as_ref());
            self.stage = Stage::Leaving;
        }
    }

    /// Goes on with the closing handshake; ready when it is over.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        session: &Session,
        receiver: &mut Receiver,
    ) -> Poll<()> {
        if self.stage == Stage::Over {
            return Poll::Ready(());
        }
        if let Some(killed) = session.killed() {
            self.reason = killed;
            self.deaf = false;
            self.stage = Stage::Over;
            return Poll::Ready(());
        }
        if self.deadline.as_mut().poll(cx).is_ready() {
            if self.stage == Stage::Asked {
                // The handler takes too long: the peer does not wait for its reply any longer.
                self.answer(session);
                self.restart(session.settings().close_timeout);
                let _ = self.deadline.as_mut().poll(cx);
            } else {
                return self.give_up(session);
            }
        }
        if self.stage == Stage::Waiting {
            self.poll_peers_close(cx, session, receiver);
        }
        if self.stage == Stage::Leaving {
            match session.outbox().poll_flush(cx, &mut self.mark) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(())) => return self.give_up(session),
                Poll::Pending => return Poll::Pending,
            }
            std::task::ready!(session.outbox().poll_shutdown(cx));
            self.stage = Stage::Over;
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// What comes after our close frame: messages are dropped, the peer's close frame is what we
    /// wait for.
    fn poll_peers_close(
        &mut self,
        cx: &mut Context<'_>,
        session: &Session,
        receiver: &mut Receiver,
    ) {
        while let Poll::Ready(event) = receiver.poll_event(cx, session) {
            match event {
                Ok(Event::Close(_)) => {
                    self.reason = self.reason.clone().into_clean();
                    self.stage = Stage::Leaving;
                    return;
                }
                Ok(_) => {}
                Err(_) => {
                    self.deaf = true;
                    self.stage = Stage::Leaving;
                    return;
                }
            }
        }
    }

    fn give_up(&mut self, session: &Session) -> Poll<()> {
        session.outbox().abandon();
        self.reason = self.reason.clone().into_unclean();
        self.stage = Stage::Over;
        self.deaf = false;
        Poll::Ready(())
    }

    /// Whether the peer may still be sending, so that closing the socket now could destroy our
    /// close frame on its way.
    pub(super) fn lingers(&self) -> bool {
        self.deaf && self.reason.initiator() == Initiator::Local
    }
}

fn local(close: &Close, clean: bool) -> CloseReason {
    CloseReason::new(close.code(), close.reason().to_owned(), Initiator::Local, clean)
}
