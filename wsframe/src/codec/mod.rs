//! Typed payloads: what a whole message decodes to, and what encodes into one.

mod coder;
mod decode;
mod either;
mod encode;
#[cfg(feature = "json")]
mod json;
#[cfg(feature = "msgpack")]
mod msgpack;
mod parsed;
#[cfg(feature = "protobuf")]
mod protobuf;

#[cfg(feature = "json")]
pub use self::json::Json;
#[cfg(feature = "msgpack")]
pub use self::msgpack::MessagePack;
#[cfg(feature = "protobuf")]
pub use self::protobuf::Protobuf;
pub use self::{
    coder::Coder,
    decode::{DecodeError, FromMessage},
    either::Either,
    encode::IntoMessage,
};
