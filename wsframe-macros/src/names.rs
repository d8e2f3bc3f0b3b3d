//! Names that generated code and the runtime have agreed on.

use proc_macro2::{Ident, Span};
use syn::{Path, parse::ParseStream, parse_quote};

use crate::{diagnostics::at, model::Event, parse::Kind};

/// The runtime, unless the attribute says `crate = …`.
pub(crate) fn default_crate() -> Path {
    parse_quote!(::wsframe)
}

/// The value of `crate = …`.
///
/// # Errors
///
/// If it is no path; serde's users write a string.
pub(crate) fn parse_crate(input: ParseStream<'_>) -> syn::Result<Path> {
    input.call(Path::parse_mod_style).map_err(|error| {
        let text = "write the path of the crate, without quotes: `crate = ::wsframe`";
        syn::Error::new(error.span(), text)
    })
}

/// The hidden function of a handler, as `wsframe::private::NoHandler` names it.
///
/// Two handlers for one event are two functions of one name. rustc says "duplicate definitions with
/// name `…`", so the name is the complaint.
pub(crate) fn hidden(event: Event, span: Span) -> Ident {
    let name = match event {
        Event::Handshake => "__wsframe_only_one_on_handshake_per_endpoint",
        Event::Open => "__wsframe_only_one_on_open_per_endpoint",
        Event::Message(Kind::Text) => "__wsframe_only_one_text_handler_per_endpoint",
        Event::Message(Kind::Binary) => "__wsframe_only_one_binary_handler_per_endpoint",
        Event::Message(Kind::Pong) => "__wsframe_only_one_pong_handler_per_endpoint",
        Event::Tick => "__wsframe_only_one_on_tick_per_endpoint",
        Event::Told => "__wsframe_only_one_on_event_per_endpoint",
        Event::Close => "__wsframe_only_one_on_close_per_endpoint",
        Event::Error => "__wsframe_only_one_on_error_per_endpoint",
        Event::Disconnect => "__wsframe_only_one_on_disconnect_per_endpoint",
    };
    Ident::new(name, at(span))
}

/// The hidden constant that tells whether the handler for this kind blocks.
pub(crate) fn hidden_blocks(kind: Kind, span: Span) -> Ident {
    let name = match kind {
        Kind::Text => "__WSFRAME_TEXT_HANDLER_BLOCKS",
        Kind::Binary => "__WSFRAME_BINARY_HANDLER_BLOCKS",
        Kind::Pong => "__WSFRAME_PONG_HANDLER_BLOCKS",
    };
    Ident::new(name, at(span))
}

/// The hidden constant that tells how messages of this kind are taken; pongs are always whole.
pub(crate) fn hidden_intake(kind: Kind, span: Span) -> Ident {
    let name = match kind {
        Kind::Text => "__WSFRAME_TEXT_HANDLER_TAKES",
        Kind::Binary | Kind::Pong => "__WSFRAME_BINARY_HANDLER_TAKES",
    };
    Ident::new(name, at(span))
}

/// The hidden function that takes messages of this kind that are not all here.
pub(crate) fn hidden_incoming(kind: Kind, span: Span) -> Ident {
    let name = match kind {
        Kind::Text => "__wsframe_incoming_text",
        Kind::Binary | Kind::Pong => "__wsframe_incoming_binary",
    };
    Ident::new(name, at(span))
}

/// The hidden constant whose type tells which side of a connection an endpoint is.
pub(crate) fn hidden_side(span: Span) -> Ident {
    Ident::new("__WSFRAME_SIDE", at(span))
}

/// The hidden constant that tells what the runtime has to know beforehand of a handler.
pub(crate) fn hidden_fact(event: Event, span: Span) -> Option<Ident> {
    let name = match event {
        Event::Tick => "__WSFRAME_PERIOD_OF_ON_TICK",
        Event::Told => "__WSFRAME_TYPE_OF_ON_EVENT",
        _ => return None,
    };
    Some(Ident::new(name, at(span)))
}
