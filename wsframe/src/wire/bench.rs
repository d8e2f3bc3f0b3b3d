//! The door through which `tests/bench/micro` measures this module; only there is the cfg
//! `wsframe_bench` set.

use super::{Buffer, Decoder, Event, Fault, Header, Opcode, Piecewise, Role, Utf8, encode, mask};
use crate::limits::Settings;

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// Appends what a client would send: one binary message, masked, in one frame.
pub fn encode_masked(out: &mut Vec<u8>, payload: &[u8]) {
    encode::frame(out, Opcode::Binary, true, payload, Some(KEY));
}

/// Appends what a server would send: one binary message in one frame.
pub fn encode(out: &mut Vec<u8>, payload: &[u8]) {
    encode::frame(out, Opcode::Binary, true, payload, None);
}

/// The length of the frame that a server reads at the beginning of `bytes`.
pub fn frame_len(bytes: &[u8]) -> Option<usize> {
    Header::parse(bytes, Role::Server).ok().flatten().map(|header| header.frame_len())
}

/// Masks or unmasks.
pub fn unmask(data: &mut [u8]) {
    mask::apply(data, KEY);
}

/// Whether these bytes are a text.
pub fn is_text(bytes: &[u8]) -> bool {
    let mut utf8 = Utf8::default();
    utf8.check(bytes).and_then(|()| utf8.finish()).is_ok()
}

/// The reading side of a server's connection.
#[derive(Debug)]
pub struct Reader {
    buffer: Buffer,
    decoder: Decoder,
    settings: Settings,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            buffer: Buffer::default(),
            decoder: Decoder::new(Role::Server, Piecewise::default()),
            settings: Settings::default(),
        }
    }
}

impl Reader {
    /// What a socket had: read into the buffer, or in bulk where the decoder wants that, until
    /// everything is decoded. The number of messages; `None` for a fault.
    pub fn read(&mut self, bytes: &[u8]) -> Option<usize> {
        self.read_all(bytes).ok()
    }

    fn read_all(&mut self, mut bytes: &[u8]) -> Result<usize, Fault> {
        use bytes::BufMut;

        let mut messages = 0;
        let mut count = |event: Option<Event>| {
            let whole = matches!(event, Some(Event::Message(_)));
            messages += usize::from(whole);
            event.is_some()
        };
        while !bytes.is_empty() {
            if self.buffer.is_empty()
                && let Some(mut room) = self.decoder.bulk()
            {
                let n = room.remaining_mut().min(bytes.len());
                room.put_slice(&bytes[..n]);
                bytes = &bytes[n..];
                count(self.decoder.bulk_received(n)?);
            } else {
                let room = self.buffer.room();
                let n = (room.capacity() - room.len()).min(bytes.len());
                room.extend_from_slice(&bytes[..n]);
                bytes = &bytes[n..];
            }
            while count(self.decoder.decode(&mut self.buffer, &self.settings)?) {}
        }
        self.buffer.park();
        Ok(messages)
    }
}
