//! From the socket to events: reads, and lets the decoder decode.

use std::{
    io,
    task::{Context, Poll, ready},
};

use super::transport::{Reader, Transport};
use crate::{
    limits::Settings,
    session::Session,
    wire::{Buffer, Decoder, Event, Fault, Inflater, Piecewise, Role},
};

/// The receiving half of one connection.
#[derive(Debug)]
pub(super) struct Receiver {
    reader: Reader,
    buffer: Buffer,
    decoder: Decoder,
    /// Where the session has set limits of its own.
    limits: Option<Box<Settings>>,
}

/// Why nothing more comes.
#[derive(Debug)]
pub(super) enum Dry {
    /// The peer broke the protocol or a limit.
    Fault(Fault),
    /// The peer closed the transport without a close frame.
    Eof,
    /// The transport failed.
    Io(io::Error),
}

impl Receiver {
    pub(super) fn new(transport: Transport, role: Role, piecewise: Piecewise) -> Self {
        let buffer = if transport.early.is_empty() {
            Buffer::default()
        } else {
            Buffer::holding(&transport.early)
        };
        let decoder = Decoder::new(role, piecewise);
        Self { reader: transport.reader, buffer, decoder, limits: None }
    }

    /// Takes compressed messages, too.
    pub(super) fn inflate(&mut self, inflater: Inflater) {
        self.decoder.inflate(inflater);
    }

    /// Messages are held to these limits from now on.
    pub(super) fn limit(&mut self, limits: Settings) {
        self.limits = Some(Box::new(limits));
    }

    /// Whether a message or a frame has begun that has to be complete in time.
    #[inline]
    pub(super) fn is_assembling(&self) -> bool {
        self.decoder.is_assembling() || !self.buffer.is_empty()
    }

    /// Whether a message has begun that is handled when it is whole.
    pub(super) fn is_inside_whole(&self) -> bool {
        self.decoder.is_assembling()
    }

    /// The next event; reads as long as there is something to read. No buffer is held while
    /// pending.
    #[inline]
    pub(super) fn poll_event(
        &mut self,
        cx: &mut Context<'_>,
        session: &Session,
    ) -> Poll<Result<Event, Dry>> {
        loop {
            let limits = self.limits.as_deref().unwrap_or_else(|| session.settings());
            match self.decoder.decode(&mut self.buffer, limits) {
                Ok(None) => {}
                Ok(Some(event)) => return Poll::Ready(Ok(event)),
                Err(fault) => return Poll::Ready(Err(Dry::Fault(fault))),
            }
            if self.buffer.is_empty() && self.decoder.is_inside_message() {
                if let Some(event) = ready!(self.poll_bulk(cx, session))? {
                    return Poll::Ready(Ok(event));
                }
                continue;
            }
            match self.reader.poll_fill(cx, self.buffer.room()) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(Dry::Eof)),
                Poll::Ready(Ok(_)) => session.alive(),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(Dry::Io(error))),
                Poll::Pending => {
                    self.buffer.park();
                    return Poll::Pending;
                }
            }
        }
    }

    /// Reads a message that has begun: the rest of a large frame straight to where it will stay.
    fn poll_bulk(
        &mut self,
        cx: &mut Context<'_>,
        session: &Session,
    ) -> Poll<Result<Option<Event>, Dry>> {
        let (read, bulk) = match self.decoder.bulk() {
            Some(mut room) => (self.reader.poll_read(cx, &mut room), true),
            None => (self.reader.poll_fill(cx, self.buffer.room()), false),
        };
        let n = match read {
            Poll::Ready(Ok(0)) => return Poll::Ready(Err(Dry::Eof)),
            Poll::Ready(Ok(n)) => n,
            Poll::Ready(Err(error)) => return Poll::Ready(Err(Dry::Io(error))),
            Poll::Pending => {
                self.buffer.park();
                return Poll::Pending;
            }
        };
        session.alive();
        let event = if bulk { self.decoder.bulk_received(n).map_err(Dry::Fault)? } else { None };
        Poll::Ready(Ok(event))
    }

    /// Reads and throws away until the peer closes the transport, so that the close frame which
    /// it has not read yet is not lost to a reset.
    pub(super) fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let room = self.buffer.room();
            room.clear();
            match self.reader.poll_fill(cx, room) {
                Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(()),
                Poll::Ready(Ok(_)) => self.buffer.room().clear(),
                Poll::Pending => {
                    self.buffer.park();
                    return Poll::Pending;
                }
            }
        }
    }
}
