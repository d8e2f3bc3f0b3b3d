//! The frame header (RFC 6455 section 5.2).

use super::{Fault, encode::MAX_HEADER};
use crate::message::Message;

/// The bit that marks the first frame of a compressed message (RFC 7692 section 6).
pub(super) const RSV1: u8 = 0x40;

/// Which end of the connection we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// We accepted it: the peer masks its frames, we do not.
    Server,
    /// We dialled it: we mask our frames, the peer does not.
    Client,
}

impl Role {
    /// The other end.
    pub(crate) fn peer(self) -> Self {
        match self {
            Self::Server => Self::Client,
            Self::Client => Self::Server,
        }
    }
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Opcode {
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xA,
}

impl Opcode {
    #[inline]
    fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xA => Self::Pong,
            _ => return None,
        })
    }

    /// The opcode of a whole message.
    #[inline]
    pub(crate) fn of(message: &Message) -> Self {
        match message {
            Message::Text(_) => Self::Text,
            Message::Binary(_) => Self::Binary,
            Message::Pong(_) => Self::Pong,
        }
    }

    #[inline]
    pub(super) fn is_control(self) -> bool {
        self as u8 & 0x8 != 0
    }
}

/// A decoded frame header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(super) fin: bool,
    pub(super) opcode: Opcode,
    pub(super) key: Option<[u8; 4]>,
    /// The payload's length. Below 2^63, as the RFC has it.
    pub(super) len: u64,
    /// The header's own length.
    pub(super) size: usize,
}

impl Header {
    /// Decodes the header at the beginning of `bytes`; `None` if it is not all there yet and
    /// nothing is wrong so far.
    #[inline]
    pub(crate) fn parse(bytes: &[u8], role: Role) -> Result<Option<Self>, Fault> {
        // Nearly every frame: a whole small message, masked. One look at six bytes.
        if let Some(&[first @ (0x81 | 0x82), second, a, b, c, d]) = bytes.first_chunk()
            && role == Role::Server
            && second.wrapping_sub(0x80) < 126
        {
            let opcode = if first == 0x81 { Opcode::Text } else { Opcode::Binary };
            let (key, len) = (Some([a, b, c, d]), u64::from(second - 0x80));
            return Ok(Some(Self { fin: true, opcode, key, len, size: 6 }));
        }
        let Some(&first) = bytes.first() else { return Ok(None) };
        if first & 0x70 != 0 {
            return Err(Fault::protocol("reserved bit set"));
        }
        let fin = first & 0x80 != 0;
        let Some(opcode) = Opcode::from_bits(first & 0x0f) else {
            return Err(Fault::protocol("unknown opcode"));
        };
        if opcode.is_control() && !fin {
            return Err(Fault::protocol("fragmented control frame"));
        }
        let Some(&second) = bytes.get(1) else { return Ok(None) };
        let masked = second & 0x80 != 0;
        if masked != (role == Role::Server) {
            return Err(Fault::protocol(if masked { "masked frame" } else { "unmasked frame" }));
        }
        let short = second & 0x7f;
        if opcode.is_control() && short > 125 {
            return Err(Fault::protocol("control frame over 125 bytes"));
        }
        let (len, at) = match short {
            126 => {
                let Some(len) = bytes.get(2..).and_then(|b| b.first_chunk()) else {
                    return Ok(None);
                };
                (u64::from(u16::from_be_bytes(*len)), 4)
            }
            127 => {
                let Some(len) = bytes.get(2..).and_then(|b| b.first_chunk()) else {
                    return Ok(None);
                };
                (u64::from_be_bytes(*len), 10)
            }
            short => (u64::from(short), 2),
        };
        if (short == 126 && len < 126) || (short == 127 && len <= 0xffff) {
            return Err(Fault::protocol("length not in its shortest form"));
        }
        if len >> 63 != 0 {
            return Err(Fault::protocol("length over 63 bits"));
        }
        if !masked {
            return Ok(Some(Self { fin, opcode, key: None, len, size: at }));
        }
        let Some(key) = bytes.get(at..).and_then(|b| b.first_chunk()) else { return Ok(None) };
        Ok(Some(Self { fin, opcode, key: Some(*key), len, size: at + 4 }))
    }

    /// As [`parse`](Self::parse) where messages may be compressed; says besides whether this begins
    /// such a one (RFC 7692 section 6).
    pub(crate) fn parse_marked(bytes: &[u8], role: Role) -> Result<Option<(Self, bool)>, Fault> {
        let Some(&first) = bytes.first() else { return Ok(None) };
        if first & RSV1 == 0 {
            return Ok(Self::parse(bytes, role)?.map(|header| (header, false)));
        }
        if !matches!(first & 0x0f, 0x1 | 0x2) {
            return Err(Fault::protocol("reserved bit set"));
        }
        let mut head = [0; MAX_HEADER];
        let len = bytes.len().min(MAX_HEADER);
        head[..len].copy_from_slice(&bytes[..len]);
        head[0] ^= RSV1;
        Ok(Self::parse(&head[..len], role)?.map(|header| (header, true)))
    }

    /// Whether this frame is a data message of its own.
    pub(crate) fn is_whole_message(&self) -> bool {
        self.fin && matches!(self.opcode, Opcode::Text | Opcode::Binary)
    }

    /// The length of the whole frame.
    pub(crate) fn frame_len(&self) -> usize {
        self.size + self.len as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(bytes: &[u8]) -> &'static str {
        Header::parse(bytes, Role::Server).unwrap_err().reason
    }

    #[test]
    fn faults_show_at_the_earliest_byte() {
        assert_eq!(fault(&[0xc1]), "reserved bit set");
        assert_eq!(fault(&[0x83]), "unknown opcode");
        assert_eq!(fault(&[0x8b]), "unknown opcode");
        assert_eq!(fault(&[0x09]), "fragmented control frame");
        assert_eq!(fault(&[0x81, 0x05]), "unmasked frame");
        assert_eq!(fault(&[0x89, 0xfe]), "control frame over 125 bytes");
        assert_eq!(fault(&[0x82, 0xfe, 0, 125]), "length not in its shortest form");
        assert_eq!(
            fault(&[0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff]),
            "length not in its shortest form"
        );
        assert_eq!(fault(&[0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0]), "length over 63 bits");
        let client = Header::parse(&[0x81, 0x80], Role::Client).unwrap_err();
        assert_eq!(client.reason, "masked frame");
    }

    #[test]
    fn a_header_is_complete_exactly_with_its_last_byte() {
        let headers: [&[u8]; 3] = [
            &[0x81, 0x85, 1, 2, 3, 4],
            &[0x02, 0xfe, 1, 0, 1, 2, 3, 4],
            &[0x80, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4],
        ];
        for bytes in headers {
            for cut in 0..bytes.len() {
                assert_eq!(Header::parse(&bytes[..cut], Role::Server), Ok(None));
            }
            let header = Header::parse(bytes, Role::Server).unwrap().unwrap();
            assert_eq!(header.size, bytes.len());
            assert_eq!(header.key, Some([1, 2, 3, 4]));
        }
    }
}
