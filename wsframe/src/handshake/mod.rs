//! The pure part of the opening handshake: request head and policy in, agreement or refusal out.
//!
//! No IO, no clock, no hyper: a request head is `http::request::Parts`, whoever parsed it.

mod authority;
pub(crate) mod deflate;
mod extension;
mod form;
mod list;
mod negotiate;
mod origin;
mod refusal;

#[cfg(feature = "client")]
pub(crate) use self::{
    authority::Authority,
    list::{contains, elements},
};
pub use self::{deflate::Deflate, origin::Origins, refusal::Refusal};
pub(crate) use self::{
    deflate::{Agreed, Direction},
    form::Form,
    list::is_token,
    negotiate::{Agreement, Choices, Policy, is_websocket, negotiate},
    origin::{AllowedOrigins, line_to_add},
};
