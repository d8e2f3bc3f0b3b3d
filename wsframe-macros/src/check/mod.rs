//! Rules that span several parts of an item.

mod arguments;
mod fields;
mod signature;

pub(crate) use self::{arguments::arguments, fields::fields, signature::signature};
