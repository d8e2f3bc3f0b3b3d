//! Rules that span several parts of an item.

mod arguments;
mod fields;
mod options;
mod piecewise;
mod signature;

pub(crate) use self::{
    arguments::arguments,
    fields::fields,
    options::options,
    piecewise::piecewise,
    signature::{blocking, signature},
};
