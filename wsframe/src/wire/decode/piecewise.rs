//! Messages that are taken piece by piece, as they arrive.

use bytes::Bytes;

use super::{Arriving, Decoder, Event, Fault, Partial, Piece};
use crate::{
    message::{Message, Text},
    wire::{Buffer, mask},
};

/// What the bytes at hand came to.
pub(super) enum Step {
    /// More are needed.
    Hungry,
    /// A frame is complete, and there is nothing to say about it.
    Nothing,
    Piece(Event),
}

impl Decoder {
    /// Takes what the buffer has of the frame that is arriving.
    pub(super) fn next_piece(&mut self, input: &mut Buffer) -> Result<Step, Fault> {
        let Some(partial) = &mut self.partial else { return Ok(Step::Hungry) };
        let Some(frame) = &mut partial.frame else { return Ok(Step::Hungry) };
        let available = input.unread().len().min(frame.missing);
        if available == 0 && frame.missing > 0 {
            return Ok(Step::Hungry);
        }
        let bytes = frame.take(input, available);
        let complete = frame.missing == 0;
        let last = complete && frame.fin;
        if complete {
            partial.frame = None;
        }
        self.piece(bytes, last)
    }

    /// What `bytes` add to the message that is half-way.
    pub(super) fn piece(&mut self, bytes: Bytes, last: bool) -> Result<Step, Fault> {
        let Some(partial) = &mut self.partial else { return Ok(Step::Hungry) };
        let message =
            if partial.text { Message::Text(partial.text(bytes)?) } else { Message::Binary(bytes) };
        if last && !partial.data.is_empty() {
            return Err(Fault::invalid_utf8());
        }
        if message.is_empty() && !last {
            return Ok(Step::Nothing);
        }
        let begun = std::mem::replace(&mut partial.begun, true);
        if last {
            self.partial = None;
        }
        Ok(Step::Piece(Event::Piece(Box::new(Piece { message, first: !begun, last }))))
    }
}

impl Arriving {
    fn take(&mut self, input: &mut Buffer, len: usize) -> Bytes {
        let bytes = input.take_payload(0, len, self.key);
        self.key = self.key.map(|key| mask::advance(key, len));
        self.missing -= len;
        bytes
    }
}

impl Partial {
    /// The text that is complete: a character that is not waits in `data` for the next piece.
    fn text(&mut self, mut bytes: Bytes) -> Result<Text, Fault> {
        if !self.data.is_empty() {
            self.data.extend_from_slice(&bytes);
            bytes = std::mem::take(&mut self.data).into();
        }
        let complete = match std::str::from_utf8(&bytes) {
            Ok(_) => bytes,
            Err(error) if error.error_len().is_some() => return Err(Fault::invalid_utf8()),
            Err(error) => {
                let rest = bytes.split_off(error.valid_up_to());
                self.data.extend_from_slice(&rest);
                bytes
            }
        };
        Text::try_from(complete).map_err(|_| Fault::invalid_utf8())
    }
}
