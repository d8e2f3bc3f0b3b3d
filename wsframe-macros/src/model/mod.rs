//! Values that are valid by construction: fields are private, and what makes them reports mistakes.

mod argument;
mod client;
mod endpoint;
mod field;
mod handler;
mod setting;
mod template;

pub(crate) use self::{
    argument::{Argument, Passing, Payload, Role},
    client::ClientEndpoint,
    endpoint::Endpoint,
    field::{Field, Shape, Source},
    handler::{Event, Handler},
    setting::{Setting, Value},
    template::Template,
};
