//! What the source of an endpoint names: `use wsframe::prelude::*;`.
//!
//! The attributes, and the few types that handlers take and return. Nothing in it shares a name
//! with the standard prelude.

#[cfg(feature = "json")]
pub use crate::Json;
#[cfg(feature = "server")]
pub use crate::Server;
pub use crate::{
    Bytes, Close, CloseReason, Failure, Handshake, Message, OnError, Pong, Principal, Refusal,
    Room, Session, Text, on_close, on_error, on_event, on_handshake, on_message, on_open, on_tick,
    server_endpoint,
};
#[cfg(feature = "client")]
pub use crate::{Client, Disconnect, Retry, client_endpoint, on_disconnect};
