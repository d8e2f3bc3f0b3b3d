//! Rules that span several parts of an item.

mod arguments;
mod fields;
mod options;
mod signature;

pub(crate) use self::{
    arguments::arguments,
    fields::fields,
    options::options,
    signature::{blocking, signature},
};
