//! Typed payloads: what a whole message decodes to, and what encodes into one.

mod decode;
mod encode;
#[cfg(feature = "json")]
mod json;

#[cfg(feature = "json")]
pub use self::json::Json;
pub use self::{
    decode::{DecodeError, FromMessage},
    encode::IntoMessage,
};
