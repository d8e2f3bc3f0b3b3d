//! Frames out of messages.

use bytes::Bytes;

use super::{
    header::{Opcode, RSV1},
    mask,
};
use crate::message::Close;

/// The longest header: two bytes, a length of eight, a key of four.
pub(crate) const MAX_HEADER: usize = 14;

/// Appends a frame's header; `key` if its payload is masked.
#[inline]
pub(crate) fn header(
    out: &mut Vec<u8>,
    opcode: Opcode,
    fin: bool,
    len: usize,
    key: Option<[u8; 4]>,
) {
    let first = (u8::from(fin) << 7) | opcode as u8;
    let masked = u8::from(key.is_some()) << 7;
    match len {
        0..=125 => out.extend_from_slice(&[first, masked | len as u8]),
        126..=0xffff => {
            let [a, b] = (len as u16).to_be_bytes();
            out.extend_from_slice(&[first, masked | 126, a, b]);
        }
        _ => {
            out.extend_from_slice(&[first, masked | 127]);
            out.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    if let Some(key) = key {
        out.extend_from_slice(&key);
    }
}

/// Appends the header of the first frame of a compressed message.
pub(crate) fn marked_header(
    out: &mut Vec<u8>,
    opcode: Opcode,
    fin: bool,
    len: usize,
    key: Option<[u8; 4]>,
) {
    let start = out.len();
    header(out, opcode, fin, len, key);
    out[start] |= RSV1;
}

/// A payload, masked.
pub(crate) fn masked(payload: &[u8], key: [u8; 4]) -> Bytes {
    let mut masked = payload.to_vec();
    mask::apply(&mut masked, key);
    masked.into()
}

/// Appends a whole frame, masked with `key` if there is one.
#[inline]
pub(crate) fn frame(
    out: &mut Vec<u8>,
    opcode: Opcode,
    fin: bool,
    payload: &[u8],
    key: Option<[u8; 4]>,
) {
    header(out, opcode, fin, payload.len(), key);
    let start = out.len();
    out.extend_from_slice(payload);
    if let Some(key) = key {
        mask::apply(&mut out[start..], key);
    }
}

/// Appends a close frame; an empty one if there is nothing to say.
pub(crate) fn close(out: &mut Vec<u8>, close: Option<&Close>, key: Option<[u8; 4]>) {
    let mut payload = Vec::new();
    if let Some(close) = close {
        payload.extend_from_slice(&u16::from(close.code()).to_be_bytes());
        payload.extend_from_slice(close.reason().as_bytes());
    }
    frame(out, Opcode::Close, true, &payload, key);
}
