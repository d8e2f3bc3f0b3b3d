//! What waits to be written, in the order in which it will be.
//!
//! Small frames lie one after the other in one pooled buffer. Large ones, and everything queued
//! while the kernel takes nothing, stand behind it as parts of their own. Control frames go into
//! the buffer and so pass the parts without an index of frames; only a part that is half written
//! comes before the buffer.

mod packing;
mod writing;

use std::{
    io,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;

pub(super) use self::writing::Written;
use super::{
    budget::{Budget, STEP},
    frame::Frame,
    part::{Part, Parts},
    unsent::Unsent,
    waiters::{Place, Waiters},
    writer::Writer,
};
use crate::{
    limits::Settings,
    message::{Close, Message},
    wire::{self, Header, Opcode, Role, encode},
};

/// Payloads up to this size are copied into the buffer.
const COPIED: usize = 4 * 1024;

/// From this many waiting bytes on they are written even in the middle of the driver's turn. The
/// buffer does not grow beyond it by more than one frame and a control frame.
const EARLY: usize = 16 * 1024;

/// The state behind an outbox's lock.
#[derive(Debug)]
pub(super) struct Queue {
    buffer: Vec<u8>,
    /// How much of the buffer is written.
    at: u32,
    /// Messages in the buffer, messages in all, and messages accepted since the connection began.
    /// The close frame counts as one.
    buffered: u32,
    messages: u32,
    accepted: u64,
    /// Bytes that wait, and bytes written since the connection began.
    waiting: usize,
    written: u64,
    budget: Arc<Budget>,
    /// What the budget knows of, in steps.
    counted: u32,
    parts: Option<Box<Parts>>,
    waiters: Option<Box<Waiters>>,
    driver: Option<Waker>,
    /// Somebody wanted to wake the driver while it had no waker here, in its turn.
    missed: bool,
    writer: Writer,
    role: Role,
    closed: bool,
    /// The kernel took less than there was.
    blocked: bool,
    /// Why the socket broke, until the driver has heard of it.
    error: Option<io::ErrorKind>,
}

impl Queue {
    pub(super) fn new(writer: Writer, role: Role, budget: Arc<Budget>) -> Self {
        Self {
            buffer: Vec::new(),
            at: 0,
            buffered: 0,
            messages: 0,
            accepted: 0,
            waiting: 0,
            written: 0,
            budget,
            counted: 0,
            parts: None,
            waiters: None,
            driver: None,
            missed: false,
            writer,
            role,
            closed: false,
            blocked: false,
            error: None,
        }
    }

    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    pub(super) fn role(&self) -> Role {
        self.role
    }

    pub(super) fn is_abandoned(&self) -> bool {
        matches!(self.writer, Writer::Gone(_))
    }

    /// What was left when the socket went; nothing before.
    pub(super) fn unsent(&self) -> Unsent {
        match self.writer {
            Writer::Gone(unsent) => unsent,
            Writer::Tcp(_) | Writer::Stream(_) => Unsent::default(),
        }
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// Whether a message cannot simply be queued: the outbox is full, or compresses.
    #[inline]
    pub(super) fn needs_care(&self, limits: &Settings) -> bool {
        let full = self.messages as usize >= limits.outbox_messages;
        full || match &self.parts {
            None => self.waiting >= limits.outbox,
            Some(parts) => {
                parts.packing.is_some() || self.waiting + parts.held_bytes() >= limits.outbox
            }
        }
    }

    /// Checked before adding, so that an empty outbox takes one message of any size.
    pub(super) fn is_full(&self, limits: &Settings) -> bool {
        self.messages as usize >= limits.outbox_messages || self.held() >= limits.outbox
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    pub(super) fn written(&self) -> u64 {
        self.written
    }

    pub(super) fn accepted(&self) -> u64 {
        self.accepted
    }

    /// Messages that were accepted and wait no longer: written, or dropped by an overflow.
    pub(super) fn done(&self) -> u64 {
        self.accepted - u64::from(self.messages)
    }

    #[inline]
    pub(super) fn wants_early_write(&self) -> bool {
        self.waiting >= EARLY && !self.blocked
    }

    pub(super) fn waiters(&mut self) -> &mut Waiters {
        self.waiters.get_or_insert_default()
    }

    /// Whether nobody who came before waits for room.
    #[inline]
    pub(super) fn is_turn(&self, place: Option<&Place>) -> bool {
        self.waiters.as_ref().is_none_or(|waiters| waiters.is_turn(place))
    }

    /// A sender waits for room no longer.
    pub(super) fn leave(&mut self, place: &mut Place) {
        if let Some(waiters) = &mut self.waiters {
            waiters.leave(place);
        }
    }

    /// Another fragmented message may begin.
    pub(super) fn wake_writers(&mut self) {
        if let Some(waiters) = &mut self.waiters {
            waiters.wake_room();
        }
    }

    /// The driver's task is to be woken through this waker from now on.
    #[inline]
    pub(super) fn listen(&mut self, waker: &Waker) {
        if !self.driver.as_ref().is_some_and(|known| known.will_wake(waker)) {
            self.driver = Some(waker.clone());
        }
        if self.missed {
            self.missed = false;
            waker.wake_by_ref();
        }
    }

    pub(super) fn take_driver(&mut self) -> Option<Waker> {
        self.driver.take()
    }

    /// The driver's waker; without one, the end of its turn is told to begin another.
    pub(super) fn wake_driver(&mut self) -> Option<Waker> {
        let driver = self.take_driver();
        self.missed = driver.is_none();
        driver
    }

    // ---- queueing

    #[inline]
    fn key(&self) -> Option<[u8; 4]> {
        match self.role {
            Role::Server => None,
            Role::Client => Some(fresh_key()),
        }
    }

    #[inline]
    pub(super) fn put_message(&mut self, message: Message) {
        let opcode = Opcode::of(&message);
        let counts = u32::from(opcode != Opcode::Pong);
        self.count(counts);
        if self.parts.is_none() && !self.blocked && message.len() <= COPIED {
            self.buffered += counts;
            self.put_buffered(opcode, message.as_bytes());
        } else {
            self.put_part(opcode, message.into_bytes(), counts == 1);
        }
    }

    /// A frame that is encoded already, and shared with other sessions.
    pub(super) fn put_frame(&mut self, frame: &Frame, latest: Option<&Arc<str>>) {
        if self.role == Role::Client {
            return self.put_message(frame.message.clone());
        }
        self.count(1);
        // What may be replaced stands as a part of its own.
        let buffered = self.parts.is_none() && !self.blocked && latest.is_none();
        if buffered && frame.encoded.len() <= COPIED {
            self.buffered += 1;
            self.waiting += frame.encoded.len();
            if self.buffer.capacity() == 0 {
                self.buffer = wire::take();
            }
            self.buffer.extend_from_slice(&frame.encoded);
        } else {
            let part = Part::new(&[], frame.encoded.clone(), true).keyed(latest.cloned());
            self.put(part);
        }
    }

    /// Drops the message that has waited longest and of which nothing is written. `false` if there
    /// is none.
    pub(super) fn drop_oldest(&mut self) -> bool {
        let Some(bytes) = self.drop_buffered().or_else(|| self.parts.as_mut()?.drop_first()) else {
            return false;
        };
        self.waiting -= bytes;
        self.messages -= 1;
        true
    }

    /// Our own frames lie in the buffer one after the other, so their headers lead to the first
    /// one that has not begun.
    fn drop_buffered(&mut self) -> Option<usize> {
        let mut start = 0;
        loop {
            let rest = self.buffer.get(start..)?;
            let (header, _) = Header::parse_marked(rest, self.role.peer()).ok()??;
            let end = start + header.frame_len();
            if start >= self.at as usize && header.is_whole_message() {
                self.buffer.drain(start..end);
                self.buffered -= 1;
                return Some(end - start);
            }
            start = end;
        }
    }

    /// How many messages of the buffer are written, which are counted when all of it is.
    fn left(&self) -> u32 {
        let (mut start, mut left) = (0, 0);
        while let Some(rest) = self.buffer.get(start..self.at as usize)
            && let Ok(Some((header, _))) = Header::parse_marked(rest, self.role.peer())
        {
            start += header.frame_len();
            left += u32::from(header.is_whole_message() && start <= self.at as usize);
        }
        left
    }

    /// Appends a frame to the buffer.
    #[inline]
    fn put_buffered(&mut self, opcode: Opcode, payload: &[u8]) {
        let key = self.key();
        if self.buffer.capacity() == 0 {
            self.buffer = wire::take();
        }
        let before = self.buffer.len();
        encode::frame(&mut self.buffer, opcode, true, payload, key);
        self.waiting += self.buffer.len() - before;
    }

    /// Appends a frame behind everything else.
    fn put_part(&mut self, opcode: Opcode, payload: Bytes, is_message: bool) {
        let (header, payload) = self.encoded(opcode, true, payload);
        self.put(Part::new(&header, payload, is_message));
    }

    fn put(&mut self, part: Part) {
        let ready = self.parts.get_or_insert_default().push(part);
        self.waiting += ready;
        // Otherwise it is going to be written, and what is left then is counted.
        if self.blocked || ready == 0 {
            self.count_bytes();
        }
    }

    /// Tells the budget what waits here, if that has changed by much.
    #[inline]
    pub(super) fn count_bytes(&mut self) {
        let steps = self.held() / STEP;
        if steps != self.counted as usize {
            let steps = u32::try_from(steps).unwrap_or(u32::MAX);
            self.budget.change(self.counted(), steps as usize * STEP);
            self.counted = steps;
        }
    }

    /// What the budget knows of, in bytes.
    pub(super) fn counted(&self) -> usize {
        self.counted as usize * STEP
    }

    /// Bytes that wait, those behind a message in pieces included.
    #[inline]
    fn held(&self) -> usize {
        self.waiting + self.parts.as_ref().map_or(0, |parts| parts.held_bytes())
    }

    /// The header and the payload of a frame; the whole frame as the payload if it is masked.
    fn encoded(&self, opcode: Opcode, fin: bool, payload: Bytes) -> (Vec<u8>, Bytes) {
        let mut header = Vec::with_capacity(encode::MAX_HEADER);
        if let Some(key) = self.key() {
            let mut frame = Vec::with_capacity(encode::MAX_HEADER + payload.len());
            encode::frame(&mut frame, opcode, fin, &payload, Some(key));
            return (header, frame.into());
        }
        encode::header(&mut header, opcode, fin, payload.len(), None);
        (header, payload)
    }

    // ---- a fragmented message

    /// A fragmented message begins: whole messages wait until it has ended. `false` if one is open.
    pub(super) fn open_message(&mut self) -> bool {
        self.parts.get_or_insert_default().open()
    }

    #[inline]
    fn count(&mut self, messages: u32) {
        self.messages += messages;
        self.accepted += u64::from(messages);
    }

    pub(super) fn put_ping(&mut self, payload: &[u8]) {
        self.put_buffered(Opcode::Ping, payload);
    }

    pub(super) fn put_pong(&mut self, payload: Bytes) {
        if self.blocked {
            self.parts.get_or_insert_default().pong = Some(payload);
        } else {
            self.put_buffered(Opcode::Pong, &payload);
        }
    }

    /// The last frame.
    pub(super) fn put_close(&mut self, close: Option<&Close>) {
        self.closed = true;
        self.count(1);
        let mut frame = Vec::new();
        encode::close(&mut frame, close, self.key());
        if let Some(parts) = &mut self.parts {
            // A message that is open will not end, so what waits for its end will not be sent.
            self.messages -= parts.drop_held();
        }
        if self.parts.as_ref().is_some_and(|parts| !parts.is_done()) {
            self.put(Part::new(&[], frame.into(), true));
        } else {
            self.buffered += 1;
            self.waiting += frame.len();
            if self.buffer.capacity() == 0 {
                self.buffer = wire::take();
            }
            self.buffer.extend_from_slice(&frame);
        }
    }

    /// Nobody is kept waiting for room that will not come.
    pub(super) fn wake_rejected(&mut self) {
        if let Some(waiters) = &mut self.waiters {
            waiters.wake_rejected();
        }
    }

    // ---- ending

    fn failed(&mut self, error: &io::Error) -> Written {
        self.abandon();
        self.error = Some(error.kind());
        Written::Failed
    }

    pub(super) fn take_error(&mut self) -> Option<io::ErrorKind> {
        self.error.take()
    }

    /// Drops everything, the socket included. The driver notices when it reads, or is told.
    pub(super) fn abandon(&mut self) {
        if !self.is_abandoned() {
            // The close frame is no message, and stands behind all of them.
            let messages = self.messages - u32::from(self.closed && self.messages > 0);
            let messages = messages.saturating_sub(self.left());
            let held = self.parts.as_ref().map_or(0, |parts| parts.held_bytes());
            self.writer = Writer::Gone(Unsent::new(messages, self.waiting + held));
        }
        self.closed = true;
        self.blocked = false;
        self.accepted -= u64::from(self.messages);
        self.waiting = 0;
        self.messages = 0;
        self.buffered = 0;
        self.at = 0;
        self.parts = None;
        self.count_bytes();
        wire::give(std::mem::take(&mut self.buffer));
        if let Some(mut waiters) = self.waiters.take() {
            waiters.wake_all();
        }
    }

    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.writer.shutdown(cx)
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        if self.counted > 0 {
            self.budget.change(self.counted(), 0);
        }
    }
}

/// A masking key that nobody can foresee (RFC 6455 section 5.3).
#[inline(never)]
fn fresh_key() -> [u8; 4] {
    rand::random()
}
