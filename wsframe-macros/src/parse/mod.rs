//! Tokens to syntax. Spans are kept, nothing is judged that needs more than the tokens at hand.

mod endpoint_args;
mod field_attrs;
mod handler_args;
mod item;
pub(crate) mod literal;
mod method;
mod side;
pub(crate) mod template;

pub(crate) use self::{
    endpoint_args::{EndpointArgs, OptionArg},
    field_attrs::{FieldSources, SourceAttr, SourceSyntax},
    handler_args::{Attribute, Every, HandlerArgs, Kind},
    item::{AnyItem, Item},
    method::Method,
    side::Side,
};
