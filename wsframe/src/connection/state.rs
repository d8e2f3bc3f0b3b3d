//! The state of one connection, and everything about it that goes on beside the handlers.

use std::{
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::{
    assembly::Assembly,
    ending::Ending,
    failure,
    inbound::Inbound,
    meter::{Meter, Passage},
    receiver::{Dry, Receiver},
    transport::Transport,
};
use crate::{
    limits::Settings,
    message::Message,
    session::{self, CLOSING, EVENTS, KILLED, LIMITS, MessageReader, Session},
    telemetry,
    wire::{Event, Fault, Inflater, Piece, Piecewise},
};

/// One connection, apart from its session and its endpoint.
#[derive(Debug)]
pub(super) struct Connection {
    receiver: Receiver,
    aside: Option<Box<Aside>>,
}

/// What an idle connection does without, and few connections have for long.
#[derive(Debug, Default)]
struct Aside {
    /// What came while a handler ran.
    inbound: Option<Box<Inbound>>,
    /// Runs while a message is half-way.
    assembly: Option<Box<Assembly>>,
    /// Where the endpoint wants ticks.
    ticks: Option<Box<Interval>>,
    /// Where what the peer sends has a rate.
    meter: Option<Box<Meter>>,
    /// Set once the connection has begun to end.
    ending: Option<Box<Ending>>,
}

impl Aside {
    fn is_empty(&self) -> bool {
        let Self { inbound, assembly, ticks, meter, ending } = self;
        inbound.is_none()
            && assembly.is_none()
            && ticks.is_none()
            && meter.is_none()
            && ending.is_none()
    }

    /// Something has been read; `inside` a message that is to be handled whole, or not. What becomes of
    /// it.
    fn note(&mut self, event: Option<&Event>, inside: bool, settings: &Settings) -> Passage {
        if let Some(assembly) = &mut self.assembly
            && !inside
        {
            assembly.complete();
        }
        match (&mut self.meter, event) {
            (Some(meter), Some(event)) => meter.pass(event, settings),
            _ => Passage::Passes,
        }
    }

    /// The end, if it has begun; then no reader waits for more.
    fn ending_and_cut(&mut self) -> Option<&mut Box<Ending>> {
        let ending = self.ending.as_mut()?;
        if let Some(inbound) = &mut self.inbound {
            inbound.cut();
        }
        Some(ending)
    }
}

/// What an endpoint is called for, one after the other.
#[derive(Debug)]
pub(super) enum Next {
    Message(Message),
    /// A piece of a message that is taken piecewise.
    Piece(Box<Piece>),
    Event(session::Event),
    Tick,
    /// Nothing more comes.
    End,
}

impl Next {
    /// The length of its payload in bytes.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Message(message) => message.len(),
            Self::Piece(piece) => piece.message.len(),
            Self::Event(_) | Self::Tick | Self::End => 0,
        }
    }
}

impl Connection {
    pub(super) fn new(transport: Transport, session: &Session, piecewise: Piecewise) -> Self {
        let mut receiver = Receiver::new(transport, session.home().role, piecewise);
        if let Some(direction) = session.inflates() {
            receiver.inflate(Inflater::new(direction));
        }
        let meter = Meter::of(session.settings());
        let aside = meter.map(|meter| Box::new(Aside { meter: Some(meter), ..Aside::default() }));
        Self { receiver, aside }
    }

    fn aside(&mut self) -> &mut Aside {
        self.aside.get_or_insert_default()
    }

    fn has_begun_to_end(&self) -> bool {
        self.aside.as_ref().is_some_and(|aside| aside.ending.is_some())
    }

    /// Nothing that comes from now on is handled.
    fn end_with(&mut self, ending: Box<Ending>) {
        self.aside().ending = Some(ending);
    }

    /// Lets go of what is empty.
    fn tidy(&mut self) {
        if self.aside.as_ref().is_some_and(|aside| aside.is_empty()) {
            self.aside = None;
        }
    }

    /// The endpoint is to be called after every `period` from now on. Late ticks are skipped.
    pub(super) fn tick(&mut self, period: Duration, session: &Session) {
        let period = period.max(Duration::from_millis(1));
        let mut ticks = interval_at(Instant::now() + period, period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        self.aside().ticks = Some(Box::new(ticks));
        session.want_ticks();
    }

    /// What the endpoint is to be called for next.
    #[inline]
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>, session: &Session) -> Poll<Next> {
        if session.signals() != 0 || self.aside.is_some() {
            if let Poll::Ready(next) = self.poll_beside_messages(cx, session) {
                return Poll::Ready(next);
            }
            // A reader that another task keeps has enough; it wakes us when it has read.
            if self.pauses(session) {
                return Poll::Pending;
            }
        }
        match self.poll_message(cx, session) {
            Poll::Ready(next) => Poll::Ready(next),
            Poll::Pending => self.poll_assembly(cx, session).map(|()| Next::End),
        }
    }

    /// What goes before the next message from the socket: ticks, events, messages that wait.
    #[cold]
    fn poll_beside_messages(&mut self, cx: &mut Context<'_>, session: &Session) -> Poll<Next> {
        self.notice_signals(session);
        if !self.has_begun_to_end() {
            if let Some(ticks) = self.aside.as_mut().and_then(|aside| aside.ticks.as_mut())
                && ticks.poll_tick(cx).is_ready()
            {
                return Poll::Ready(Next::Tick);
            }
            if session.signals() & EVENTS != 0
                && let Some(event) = session.next_event()
            {
                return Poll::Ready(Next::Event(event));
            }
        }
        match self.pop_inbound(session) {
            Some(next) => Poll::Ready(next),
            None if self.has_begun_to_end() => Poll::Ready(Next::End),
            None => Poll::Pending,
        }
    }

    /// What waits, as long as it is still to be handled.
    fn pop_inbound(&mut self, session: &Session) -> Option<Next> {
        let aside = self.aside.as_mut()?;
        let inbound = aside.inbound.as_mut()?;
        if aside.ending.as_ref().is_some_and(|ending| !ending.delivers()) {
            aside.inbound = None;
            return None;
        }
        let next = inbound.pop();
        if next.is_none() && inbound.is_empty() {
            aside.inbound = None;
            session.set_paused(false);
            self.tidy();
        }
        next
    }

    /// Whether as much waits as may; then nothing is read.
    fn pauses(&self, session: &Session) -> bool {
        let inbound = self.aside.as_ref().and_then(|aside| aside.inbound.as_ref());
        let full = inbound.is_some_and(|inbound| inbound.is_full(session.settings()));
        session.set_paused(full);
        full
    }

    /// A message begins that is read while it arrives.
    pub(super) fn open_reader(&mut self, piece: Piece, session: &Session) -> MessageReader {
        if piece.last {
            return MessageReader::whole(piece.message);
        }
        let (reader, feed) = MessageReader::beginning(piece.message, session);
        self.aside().inbound.get_or_insert_default().open(feed);
        reader
    }

    /// Somebody closed the session, or it has to go.
    fn notice_signals(&mut self, session: &Session) {
        let signals = session.signals();
        if signals & LIMITS != 0 {
            session.clear(LIMITS);
            let max_message_size = session.max_message_size();
            self.receiver.limit(Settings { max_message_size, ..session.settings().clone() });
        }
        if signals & KILLED != 0
            && let Some(reason) = session.killed()
        {
            if !self.has_begun_to_end() {
                self.end_with(Ending::by_loss(session, reason));
            }
        } else if signals & CLOSING != 0
            && !self.has_begun_to_end()
            && let Some(close) = session.asked()
        {
            self.end_with(Ending::by_us(session, &close));
        }
    }

    /// Reads until there is a message; everything else that comes is dealt with here.
    #[inline]
    fn poll_message(&mut self, cx: &mut Context<'_>, session: &Session) -> Poll<Next> {
        loop {
            let event = self.receiver.poll_event(cx, session);
            if let Some(aside) = &mut self.aside
                && let Poll::Ready(event) = &event
            {
                let inside = self.receiver.is_inside_whole();
                match aside.note(event.as_ref().ok(), inside, session.settings()) {
                    Passage::Passes => {}
                    Passage::Dropped => {
                        telemetry::rate_exceeded(&session.id(), "dropped");
                        continue;
                    }
                    Passage::Closes => {
                        telemetry::rate_exceeded(&session.id(), "closed");
                        self.ran_dry(session, &Dry::Fault(Fault::policy("too many messages")));
                        return Poll::Ready(Next::End);
                    }
                }
            }
            match event {
                Poll::Ready(Ok(Event::Message(message))) => {
                    session.touch_if_idle_matters();
                    return Poll::Ready(Next::Message(message));
                }
                Poll::Ready(Ok(Event::Pong(pong))) => {
                    return Poll::Ready(Next::Message(Message::Pong(pong)));
                }
                Poll::Ready(Ok(Event::Piece(piece))) => {
                    if let Some(piece) = std::task::ready!(self.poll_feed(piece, session)) {
                        return Poll::Ready(Next::Piece(piece));
                    }
                }
                Poll::Ready(Ok(Event::Ping(payload))) => session.outbox().pong(payload),
                Poll::Ready(Ok(Event::Close(body))) => {
                    self.end_with(Ending::by_peer(session, body));
                    return Poll::Ready(Next::End);
                }
                Poll::Ready(Err(dry)) => {
                    self.ran_dry(session, &dry);
                    return Poll::Ready(Next::End);
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Gives a piece to the reader of its message; it comes back if there is none. Pending when the
    /// reader has enough: it wakes us when it has read.
    fn poll_feed(&mut self, piece: Box<Piece>, session: &Session) -> Poll<Option<Box<Piece>>> {
        session.touch_if_idle_matters();
        let inbound = self.aside.as_mut().and_then(|aside| aside.inbound.as_mut());
        let Some(inbound) = inbound else { return Poll::Ready(Some(piece)) };
        let back = inbound.feed(piece);
        let full = inbound.is_full(session.settings());
        session.set_paused(full);
        if back.is_none() && full { Poll::Pending } else { Poll::Ready(back) }
    }

    #[cold]
    fn ran_dry(&mut self, session: &Session, dry: &Dry) {
        self.end_with(match failure::fault(dry) {
            Some(close) => {
                telemetry::peer_fault(&session.id(), close.code().into(), close.reason());
                session.close(close.clone());
                // Somebody else's close may have been first.
                Ending::by_fault(session, &session.asked().unwrap_or(close))
            }
            None => Ending::by_loss(session, failure::lost(dry)),
        });
    }

    /// A message that has begun has to be complete in time.
    #[inline]
    fn poll_assembly(&mut self, cx: &mut Context<'_>, session: &Session) -> Poll<()> {
        if !self.receiver.is_assembling() {
            if let Some(aside) = &mut self.aside {
                aside.assembly = None;
                self.tidy();
            }
            return Poll::Pending;
        }
        let Some(limit) = session.settings().assembly_timeout else { return Poll::Pending };
        let assembly = self.aside().assembly.get_or_insert_with(|| Assembly::begin(limit));
        std::task::ready!(assembly.poll(cx, limit));
        let slow = Dry::Fault(Fault::policy("message takes too long"));
        self.ran_dry(session, &slow);
        Poll::Ready(())
    }

    /// What goes on while a handler waits: reading, as far as received messages may wait, and the
    /// closing handshake. Ready when the handler has had its time.
    pub(super) fn poll_beside(&mut self, cx: &mut Context<'_>, session: &Session) -> Poll<()> {
        if session.signals() != 0 {
            self.notice_signals(session);
        }
        while !self.has_begun_to_end() {
            if self.pauses(session) {
                return Poll::Pending;
            }
            match self.poll_message(cx, session) {
                Poll::Ready(Next::End) => {}
                Poll::Ready(next) => {
                    self.aside().inbound.get_or_insert_default().push(next, session.settings());
                }
                Poll::Pending => match self.poll_assembly(cx, session) {
                    Poll::Ready(()) => {}
                    Poll::Pending => return Poll::Pending,
                },
            }
        }
        self.poll_ending_beside(cx, session)
    }

    fn poll_ending_beside(&mut self, cx: &mut Context<'_>, session: &Session) -> Poll<()> {
        let Some(ending) = self.aside.as_mut().and_then(|aside| aside.ending_and_cut()) else {
            return Poll::Pending;
        };
        if !session.has_ended() {
            std::task::ready!(ending.poll(cx, session, &mut self.receiver));
            session.end(ending.reason().clone());
            ending.restart(session.settings().finish_within);
        }
        ending.poll_deadline(cx)
    }

    /// Goes through the rest of the closing handshake when no handler runs any more.
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>, session: &Session) -> Poll<()> {
        if session.signals() != 0 {
            self.notice_signals(session);
        }
        let Some(ending) = self.aside.as_mut().and_then(|aside| aside.ending_and_cut()) else {
            return Poll::Ready(());
        };
        if !session.has_ended() {
            ending.answer(session);
            std::task::ready!(ending.poll(cx, session, &mut self.receiver));
            session.end(ending.reason().clone());
        }
        Poll::Ready(())
    }

    /// Reads and throws away for a moment, where closing the socket at once could destroy our
    /// close frame before the peer reads it.
    pub(super) fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let ending = self.aside.as_mut().and_then(|aside| aside.ending.as_mut());
        let Some(ending) = ending else { return Poll::Ready(()) };
        if !ending.lingers() || ending.poll_deadline(cx).is_ready() {
            return Poll::Ready(());
        }
        self.receiver.poll_discard(cx)
    }
}
