//! Compressed messages: inflated as they arrive, never to more than they may be.

use bytes::Bytes;

use super::{Decoder, Event, Fault, Partial, Step, fitting_frame, message};
use crate::{
    limits::Settings,
    wire::{
        self, Buffer,
        header::{Header, Opcode},
        inflate::{Fed, Inflater},
        mask,
    },
};

/// Up to this size a message that was inflated is copied to memory of its own.
const COPIED: usize = 4 * 1024;

impl Decoder {
    /// The frame at the front is not one of an uncompressed message. Why not is found out again, so
    /// that who reads those carries nothing.
    #[inline(never)]
    pub(super) fn decode_compressed(
        &mut self,
        input: &mut Buffer,
        limits: &Settings,
    ) -> Result<Option<Event>, Fault> {
        let (Some(inflater), None) = (&mut self.inflater, &self.partial) else {
            return Header::parse(input.unread(), self.role).map(|_| None);
        };
        let Some((header, _)) = Header::parse_marked(input.unread(), self.role)? else {
            return Ok(None);
        };
        let whole = header.fin && header.len <= (input.unread().len() - header.size) as u64;
        if whole && !self.piecewise.takes(header.opcode) {
            let len = fitting_frame(header.len, limits)?;
            input.consume(header.size);
            let mut out = wire::take();
            let (_, inflated) = input.show(len, header.key, |payload| {
                let inflated = all(inflater, payload, &mut out, limits.max_message_size);
                (len, inflated.and_then(|()| inflater.finish()))
            });
            inflated?;
            return message(header.opcode == Opcode::Text, owned(out)).map(Some);
        }
        self.begin_frame(header, true, limits)?;
        input.consume(header.size);
        self.decode_any(input, limits)
    }

    /// Inflates a piece of a message that is taken piecewise.
    pub(super) fn next_inflated(&mut self, input: &mut Buffer) -> Result<Step, Fault> {
        let Some(partial) = &mut self.partial else { return Ok(Step::Hungry) };
        let (Some(frame), Some(inflater)) = (&mut partial.frame, &mut self.inflater) else {
            return Ok(Step::Hungry);
        };
        if input.is_empty() && frame.missing > 0 && !partial.more {
            return Ok(Step::Hungry);
        }
        let mut out = wire::take();
        let (taken, fed) = input.show(frame.missing, frame.key, |mut payload| {
            let len = payload.len();
            let fed = inflater.feed(&mut payload, &mut out);
            (len - payload.len(), fed)
        });
        frame.took(taken);
        partial.more = fed? == Fed::Full;
        let complete = frame.missing == 0 && !partial.more;
        let last = complete && frame.fin;
        if complete {
            partial.frame = None;
        }
        if last {
            inflater.finish()?;
        }
        self.piece(owned(out), last)
    }
}

impl super::Arriving {
    fn took(&mut self, len: usize) {
        self.key = self.key.map(|key| mask::advance(key, len));
        self.missing -= len;
    }
}

impl Partial {
    /// Inflates what the buffer has of the arriving frame; whether the frame is complete.
    pub(super) fn inflate(
        &mut self,
        inflater: &mut Inflater,
        input: &mut Buffer,
        limits: &Settings,
    ) -> Result<bool, Fault> {
        let Some(frame) = &mut self.frame else { return Ok(false) };
        let start = self.data.len();
        let data = &mut self.data;
        let (taken, inflated) = input.show(frame.missing, frame.key, |payload| {
            (payload.len(), all(inflater, payload, data, limits.max_message_size))
        });
        frame.took(taken);
        inflated?;
        if self.text {
            self.utf8.check(&self.data[start..])?;
        }
        if frame.missing > 0 {
            return Ok(false);
        }
        if frame.fin {
            inflater.finish()?;
        }
        Ok(true)
    }
}

/// Inflates all of `payload` to the end of `out`, which may become `most` bytes long.
fn all(
    inflater: &mut Inflater,
    mut payload: &[u8],
    out: &mut Vec<u8>,
    most: usize,
) -> Result<(), Fault> {
    loop {
        if out.len() == out.capacity() {
            // One more than there may be, so that it shows.
            let room = most.saturating_add(1).saturating_sub(out.len());
            let wanted = out.len().max(4 * payload.len()).max(1024);
            out.reserve_exact(wanted.min(room));
        }
        let fed = inflater.feed(&mut payload, out)?;
        if out.len() > most {
            return Err(Fault::too_big("message too big"));
        }
        if fed == Fed::Hungry {
            return Ok(());
        }
    }
}

/// What was inflated into a pooled buffer.
fn owned(out: Vec<u8>) -> Bytes {
    if out.len() >= COPIED {
        return out.into();
    }
    let bytes = Bytes::copy_from_slice(&out);
    wire::give(out);
    bytes
}

#[cfg(test)]
mod tests;
