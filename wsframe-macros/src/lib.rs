//! The attributes of [wsframe](https://docs.rs/wsframe). Use them through that crate: it re-exports
//! them with their documentation, and what they generate names its items.
//!
//! One attribute runs through four stages: `parse` (tokens to syntax, spans kept), `model` (only
//! valid values can be made), `check` (rules that span several parts), `expand` (cannot fail).
//! If a stage finds mistakes, all of them are reported at once and `fallback` keeps the item alive,
//! so that one mistake gives one message.
#![expect(missing_docs, reason = "documented at the re-exports: wsframe/src/attributes.rs")]

mod check;
mod diagnostics;
mod expand;
mod fallback;
mod model;
mod names;
mod parse;
mod stages;

use proc_macro::TokenStream;

use self::parse::Attribute;

#[proc_macro_attribute]
pub fn server_endpoint(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::endpoint(args.into(), item.into()).into()
}

#[proc_macro_attribute]
pub fn client_endpoint(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::client_endpoint(args.into(), item.into()).into()
}

#[proc_macro_attribute]
pub fn on_handshake(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::handler(Attribute::Handshake, args.into(), &item.into()).into()
}

#[proc_macro_attribute]
pub fn on_open(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::handler(Attribute::Open, args.into(), &item.into()).into()
}

#[proc_macro_attribute]
pub fn on_message(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::handler(Attribute::Message, args.into(), &item.into()).into()
}

#[proc_macro_attribute]
pub fn on_tick(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::handler(Attribute::Tick, args.into(), &item.into()).into()
}

#[proc_macro_attribute]
pub fn on_event(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::handler(Attribute::Event, args.into(), &item.into()).into()
}

#[proc_macro_attribute]
pub fn on_close(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::handler(Attribute::Close, args.into(), &item.into()).into()
}

#[proc_macro_attribute]
pub fn on_error(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::handler(Attribute::Error, args.into(), &item.into()).into()
}

#[proc_macro_attribute]
pub fn on_disconnect(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::handler(Attribute::Disconnect, args.into(), &item.into()).into()
}
