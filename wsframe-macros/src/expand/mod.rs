//! Model to tokens. Nothing can fail here, and nothing is decided that the runtime could decide:
//! what is generated are data and one short adapter for each handler.

mod binding;
mod client;
mod endpoint;
mod handler;
mod options;
mod piecewise;
mod registration;

pub(crate) use self::{client::client_endpoint, endpoint::endpoint, handler::handler};

#[cfg(test)]
mod tests;
