//! The wire engine: RFC 6455 framing and RFC 7692 compression for both roles, without IO and without a clock.
//!
//! Bytes go into a [`Buffer`], [`Decoder::decode`] takes events out of it; [`encode`] makes frames.
//! Every fault is found at the earliest byte that shows it, and every limit is checked on the
//! header, before anything is stored.

#[cfg(wsframe_bench)]
pub mod bench;
mod buffer;
mod decode;
mod deflate;
pub(crate) mod encode;
mod fault;
mod header;
mod inflate;
mod mask;
mod utf8;

pub(crate) use self::{
    buffer::{Buffer, give, recycle, take},
    decode::{Decoder, Event, Piece, Piecewise},
    deflate::{Deflater, Effort},
    fault::Fault,
    header::{Header, Opcode, Role},
    inflate::Inflater,
    utf8::Utf8,
};
