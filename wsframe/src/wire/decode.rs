//! From bytes to events: frames, fragments, control frames in between.

mod compressed;
mod piecewise;

use bytes::{BufMut, Bytes, buf::Limit};

use self::piecewise::Step;
use super::{
    Buffer, Fault, Inflater,
    header::{Header, Opcode, Role},
    mask,
    utf8::Utf8,
};
use crate::{
    limits::Settings,
    message::{CloseCode, Message, Pong, Text},
};

/// From this many missing bytes on, a frame's payload is read where it will stay instead of
/// through the buffer.
const BULK: usize = 4 * 1024;

/// The first memory that is set aside for a frame that is not here yet. More follows as bytes
/// arrive: a peer cannot make us reserve what it merely announces.
const FIRST_RESERVE: usize = 64 * 1024;

/// What the peer said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A whole text or binary message.
    Message(Message),
    /// A piece of a message of a kind that is taken piecewise. What comes as a single small frame
    /// is a whole message all the same.
    Piece(Box<Piece>),
    /// A ping; it wants a pong with the same payload.
    Ping(Bytes),
    /// A pong.
    Pong(Pong),
    /// The peer's close frame with its code and reason, if it had any. Nothing follows it.
    Close(Option<(CloseCode, Text)>),
}

/// A piece of a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) message: Message,
    pub(crate) first: bool,
    pub(crate) last: bool,
}

/// The receiving half of one connection's framing. 24 bytes while no message is half-way
/// and none is compressed.
#[derive(Debug)]
pub(crate) struct Decoder {
    role: Role,
    piecewise: Piecewise,
    partial: Option<Box<Partial>>,
    /// There if messages may be compressed.
    inflater: Option<Box<Inflater>>,
}

/// Which kinds of messages are taken piece by piece. They have no limit on their length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Piecewise {
    pub(crate) text: bool,
    pub(crate) binary: bool,
}

impl Piecewise {
    pub(crate) const fn any(self) -> bool {
        self.text || self.binary
    }

    fn takes(self, opcode: Opcode) -> bool {
        match opcode {
            Opcode::Text => self.text,
            Opcode::Binary => self.binary,
            _ => false,
        }
    }
}

/// A message that has begun and is not complete.
#[derive(Debug)]
struct Partial {
    text: bool,
    piecewise: bool,
    compressed: bool,
    /// The inflater has more to give than there was room for.
    more: bool,
    /// Of one that is taken piecewise: whether a piece has been.
    begun: bool,
    /// What there is of it; of one that is taken piecewise, a character that is not complete.
    data: Vec<u8>,
    utf8: Utf8,
    fragments: usize,
    /// The frame that is arriving; `None` between two fragments.
    frame: Option<Arriving>,
}

/// A data frame whose header is known and whose payload is arriving.
#[derive(Debug)]
struct Arriving {
    fin: bool,
    /// As it stands for the next byte.
    key: Option<[u8; 4]>,
    missing: usize,
}

impl Decoder {
    pub(crate) fn new(role: Role, piecewise: Piecewise) -> Self {
        Self { role, piecewise, partial: None, inflater: None }
    }

    /// Takes compressed messages, too.
    pub(crate) fn inflate(&mut self, inflater: Inflater) {
        self.inflater = Some(Box::new(inflater));
    }

    /// Whether a message has begun and is not complete.
    #[inline]
    pub(crate) fn is_inside_message(&self) -> bool {
        self.partial.is_some()
    }

    /// Whether a message is being put together, for which there is a deadline.
    pub(crate) fn is_assembling(&self) -> bool {
        self.partial.as_ref().is_some_and(|partial| !partial.piecewise)
    }

    /// Takes the next event out of `input`; `None` if more bytes are needed.
    ///
    /// # Errors
    ///
    /// The peer's fault. Nothing can be decoded after it.
    #[inline]
    pub(crate) fn decode(
        &mut self,
        input: &mut Buffer,
        limits: &Settings,
    ) -> Result<Option<Event>, Fault> {
        // Nearly every frame is a whole small message that lies in the buffer.
        if self.partial.is_none() {
            let header = match Header::parse(input.unread(), self.role) {
                Ok(Some(header)) => header,
                Ok(None) => return Ok(None),
                Err(_) => return self.decode_compressed(input, limits),
            };
            let whole = header.fin
                && matches!(header.opcode, Opcode::Text | Opcode::Binary)
                && header.len <= (input.unread().len() - header.size) as u64;
            if whole
                && (header.len <= limits.max_message_size as u64
                    || !self.piecewise.takes(header.opcode))
            {
                let len = fitting(header.len, 0, limits)?;
                let payload = input.take_payload(header.size, len, header.key);
                return message(header.opcode == Opcode::Text, payload).map(Some);
            }
        }
        self.decode_any(input, limits)
    }

    fn decode_any(
        &mut self,
        input: &mut Buffer,
        limits: &Settings,
    ) -> Result<Option<Event>, Fault> {
        loop {
            if let Some(partial) = &mut self.partial
                && partial.frame.is_some()
            {
                if partial.piecewise {
                    let step = if partial.compressed {
                        self.next_inflated(input)?
                    } else {
                        self.next_piece(input)?
                    };
                    match step {
                        Step::Hungry => return Ok(None),
                        Step::Nothing => continue,
                        Step::Piece(piece) => return Ok(Some(piece)),
                    }
                }
                let complete = match &mut self.inflater {
                    Some(inflater) if partial.compressed => {
                        partial.inflate(inflater, input, limits)?
                    }
                    _ => partial.receive(input)?,
                };
                if !complete {
                    return Ok(None);
                }
                if let Some(event) = self.end_frame()? {
                    return Ok(Some(event));
                }
            }
            let header = match Header::parse(input.unread(), self.role) {
                Ok(Some(header)) => header,
                Ok(None) => return Ok(None),
                Err(_) => return self.decode_compressed(input, limits),
            };
            if header.opcode.is_control() {
                let len = header.len as usize;
                if input.unread().len() < header.size + len {
                    return Ok(None);
                }
                let payload = input.take_payload(header.size, len, header.key);
                return control(header.opcode, payload).map(Some);
            }
            self.begin_frame(header, false, limits)?;
            input.consume(header.size);
        }
    }

    /// A data frame begins: everything that its header can break is checked here.
    fn begin_frame(
        &mut self,
        header: Header,
        compressed: bool,
        limits: &Settings,
    ) -> Result<(), Fault> {
        let partial = match (&mut self.partial, header.opcode) {
            (Some(partial), Opcode::Continuation) => partial,
            (Some(_), _) => return Err(Fault::protocol("new message inside a fragmented one")),
            (None, Opcode::Continuation) => {
                return Err(Fault::protocol("continuation of nothing"));
            }
            (none, opcode) => none.insert(Box::new(Partial {
                text: opcode == Opcode::Text,
                piecewise: self.piecewise.takes(opcode),
                compressed,
                more: false,
                begun: false,
                data: Vec::new(),
                utf8: Utf8::default(),
                fragments: 0,
                frame: None,
            })),
        };
        let missing = if partial.piecewise {
            fitting_frame(header.len, limits)?
        } else {
            partial.fragments += 1;
            if partial.fragments > limits.max_fragments {
                return Err(Fault::policy("too many fragments"));
            }
            match partial.compressed {
                true => fitting_frame(header.len, limits)?,
                false => fitting(header.len, partial.data.len(), limits)?,
            }
        };
        partial.frame = Some(Arriving { fin: header.fin, key: header.key, missing });
        Ok(())
    }

    /// The arriving frame is complete; the message too if it was the last one.
    fn end_frame(&mut self) -> Result<Option<Event>, Fault> {
        let last = self.partial.as_mut().and_then(|partial| partial.frame.take());
        match self.partial.take() {
            Some(partial) if last.is_some_and(|frame| frame.fin) => {
                if partial.text {
                    partial.utf8.finish()?;
                }
                message(partial.text, partial.data.into()).map(Some)
            }
            unfinished => {
                self.partial = unfinished;
                Ok(None)
            }
        }
    }

    /// Where to read the rest of a large frame, and how much of it at most. The buffer has to be
    /// empty. `None` if the buffer serves better.
    #[inline]
    pub(crate) fn bulk(&mut self) -> Option<Limit<&mut Vec<u8>>> {
        let partial = self.partial.as_deref_mut()?;
        let missing = partial.frame.as_ref()?.missing;
        if missing < BULK || partial.piecewise || partial.compressed {
            return None;
        }
        let data = &mut partial.data;
        if data.capacity() == data.len() {
            data.reserve_exact(missing.min(FIRST_RESERVE.max(data.len())));
        }
        let room = missing.min(data.capacity() - data.len());
        Some(data.limit(room))
    }

    /// `n` bytes were read into [`bulk`](Self::bulk).
    ///
    /// # Errors
    ///
    /// The peer's fault, as with [`decode`](Self::decode).
    pub(crate) fn bulk_received(&mut self, n: usize) -> Result<Option<Event>, Fault> {
        let complete = match &mut self.partial {
            Some(partial) => partial.arrived(n)?,
            None => false,
        };
        if complete { self.end_frame() } else { Ok(None) }
    }
}

impl Partial {
    /// Takes what the buffer has of the arriving frame; whether the frame is complete.
    fn receive(&mut self, input: &mut Buffer) -> Result<bool, Fault> {
        let missing = self.frame.as_ref().map_or(0, |frame| frame.missing);
        let available = input.unread().len().min(missing);
        if self.data.capacity() - self.data.len() < available {
            // The whole frame at once if that is little, so that it is not moved as it grows.
            let more = available.max(missing.min(FIRST_RESERVE));
            self.data.reserve_exact(more.max(self.data.len().min(missing)));
        }
        let n = input.move_into(&mut self.data, missing);
        self.arrived(n)
    }

    /// The last `n` bytes of `data` are new.
    fn arrived(&mut self, n: usize) -> Result<bool, Fault> {
        let Some(frame) = &mut self.frame else { return Ok(false) };
        let start = self.data.len() - n;
        let new = &mut self.data[start..];
        if let Some(key) = &mut frame.key {
            mask::apply(new, *key);
            *key = mask::advance(*key, n);
        }
        if self.text {
            self.utf8.check(new)?;
        }
        frame.missing -= n;
        Ok(frame.missing == 0)
    }
}

/// The length of a data frame, if frame and message stay within their limits.
#[inline]
fn fitting(len: u64, before: usize, limits: &Settings) -> Result<usize, Fault> {
    let frame = fitting_frame(len, limits)?;
    if len > limits.max_message_size.saturating_sub(before) as u64 {
        return Err(Fault::too_big("message too big"));
    }
    Ok(frame)
}

#[inline]
fn fitting_frame(len: u64, limits: &Settings) -> Result<usize, Fault> {
    if len > limits.max_frame_size as u64 {
        return Err(Fault::too_big("frame too big"));
    }
    usize::try_from(len).map_err(|_| Fault::too_big("frame too big"))
}

#[inline(always)]
fn message(text: bool, payload: Bytes) -> Result<Event, Fault> {
    Ok(Event::Message(if text {
        Message::Text(Text::try_from(payload).map_err(|_| Fault::invalid_utf8())?)
    } else {
        Message::Binary(payload)
    }))
}

fn control(opcode: Opcode, payload: Bytes) -> Result<Event, Fault> {
    Ok(match opcode {
        Opcode::Ping => Event::Ping(payload),
        Opcode::Pong => Event::Pong(Pong::new(payload)),
        _ => Event::Close(close_body(&payload)?),
    })
}

/// The body of a close frame (RFC 6455 sections 5.5.1 and 7.4).
fn close_body(body: &Bytes) -> Result<Option<(CloseCode, Text)>, Fault> {
    let Some((code, reason)) = body.split_first_chunk() else {
        return if body.is_empty() {
            Ok(None)
        } else {
            Err(Fault::protocol("close frame of one byte"))
        };
    };
    let code = CloseCode::from(u16::from_be_bytes(*code));
    if !code.may_be_sent() {
        return Err(Fault::protocol("close code that may not be sent"));
    }
    let reason = std::str::from_utf8(reason).map_err(|_| Fault::invalid_utf8())?;
    Ok(Some((code, reason.into())))
}

#[cfg(test)]
mod tests;
