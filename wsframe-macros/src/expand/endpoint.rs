//! The struct attribute: `impl Endpoint`.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::{binding, options, registration};
use crate::{
    diagnostics::at,
    model::{Endpoint, Event},
    names,
    parse::{Item, Kind},
};

/// The struct, its `Endpoint` and its registration:
///
/// ```text
/// struct Echo;
///
/// const _: () = {
///     use ::wsframe::private::NoHandler as _;
///
///     impl ::wsframe::Endpoint for Echo { … }
///
///     ::wsframe::private::inventory::submit! { … }
/// };
/// ```
///
/// `NoHandler` has an empty function for each handler; an inherent function of the same name, made
/// by a method attribute, goes before it. That works for calls by path only: with `self.hidden()`
/// and a `&self` receiver the empty one would win.
pub(crate) fn endpoint(item: &Item, endpoint: &Endpoint) -> TokenStream {
    let (krate, ident) = (endpoint.krate(), endpoint.ident());
    let item = item.tokens();
    let path = endpoint.template().literal();
    let options = options::options(endpoint);
    let states = binding::states(endpoint);
    let bind = binding::bind(endpoint);
    let handlers = handlers(endpoint);
    let registration = registration::registration(endpoint);
    quote_spanned! {at(ident.span())=>
        #item

        const _: () = {
            use #krate::private::NoHandler as _;

            impl #krate::Endpoint for #ident {
                const PATH: &'static str = #path;
                #options
                #states
                #bind
                #handlers
            }

            #registration
        };
    }
}

/// Calls by path into the hidden functions. None of them adds a future of its own.
///
/// A message is told by its kind, because `match` on the kind is exhaustive; `Message` may grow.
fn handlers(endpoint: &Endpoint) -> TokenStream {
    let krate = endpoint.krate();
    let span = endpoint.ident().span();
    let hidden = |event| names::hidden(event, span);
    let (handshake, open) = (hidden(Event::Handshake), hidden(Event::Open));
    let (close, error) = (hidden(Event::Close), hidden(Event::Error));
    let (tick, told) = (hidden(Event::Tick), hidden(Event::Told));
    let (period, event) =
        (names::hidden_fact(Event::Tick, span), names::hidden_fact(Event::Told, span));
    let text = hidden(Event::Message(Kind::Text));
    let binary = hidden(Event::Message(Kind::Binary));
    let pong = hidden(Event::Message(Kind::Pong));
    let blocks = |kind| names::hidden_blocks(kind, span);
    let (text_blocks, binary_blocks) = (blocks(Kind::Text), blocks(Kind::Binary));
    let pong_blocks = blocks(Kind::Pong);
    let takes = |kind| names::hidden_intake(kind, span);
    let (text_takes, binary_takes) = (takes(Kind::Text), takes(Kind::Binary));
    let incoming = |kind| names::hidden_incoming(kind, span);
    let (text_incoming, binary_incoming) = (incoming(Kind::Text), incoming(Kind::Binary));
    let left = quote_spanned!(at(span)=> #krate::private::Either::Left);
    let right = quote_spanned!(at(span)=> #krate::private::Either::Right);
    quote_spanned! {at(span)=>
        const BLOCKING: #krate::MessageKinds = #krate::private::blocking(
            Self::#text_blocks,
            Self::#binary_blocks,
            Self::#pong_blocks,
        );

        fn on_handshake(
            &mut self,
            handshake: &mut #krate::Handshake,
        ) -> impl ::core::future::Future<Output = ::core::result::Result<(), #krate::Refusal>>
        + ::core::marker::Send {
            Self::#handshake(self, handshake)
        }

        fn on_open(
            &mut self,
            session: &#krate::Session,
        ) -> impl ::core::future::Future<Output = #krate::Outcome> + ::core::marker::Send {
            Self::#open(self, session)
        }

        fn on_message(
            &mut self,
            session: &#krate::Session,
            message: #krate::Message,
        ) -> impl ::core::future::Future<Output = #krate::Outcome> + ::core::marker::Send {
            match message.kind() {
                #krate::MessageKind::Text => #left(Self::#text(self, session, message)),
                #krate::MessageKind::Binary => {
                    #right(#left(Self::#binary(self, session, message)))
                }
                #krate::MessageKind::Pong => {
                    #right(#right(Self::#pong(self, session, message)))
                }
            }
        }

        fn intake(kind: #krate::MessageKind) -> #krate::Intake {
            #krate::private::intake(kind, Self::#text_takes, Self::#binary_takes)
        }

        fn on_incoming(
            &mut self,
            session: &#krate::Session,
            incoming: #krate::Incoming,
        ) -> impl ::core::future::Future<Output = #krate::Outcome> + ::core::marker::Send {
            match incoming.kind() {
                #krate::MessageKind::Text => {
                    #left(Self::#text_incoming(self, session, incoming))
                }
                _ => #right(Self::#binary_incoming(self, session, incoming)),
            }
        }

        fn tick() -> ::core::option::Option<::core::time::Duration> {
            Self::#period()
        }

        fn on_tick(
            &mut self,
            session: &#krate::Session,
        ) -> impl ::core::future::Future<Output = #krate::Outcome> + ::core::marker::Send {
            Self::#tick(self, session)
        }

        fn event() -> ::core::option::Option<::core::any::TypeId> {
            Self::#event()
        }

        fn on_event(
            &mut self,
            session: &#krate::Session,
            event: #krate::Event,
        ) -> impl ::core::future::Future<Output = #krate::Outcome> + ::core::marker::Send {
            Self::#told(self, session, event)
        }

        fn on_close(
            &mut self,
            session: &#krate::Session,
            reason: #krate::CloseReason,
        ) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send {
            Self::#close(self, session, reason)
        }

        fn on_error(
            &mut self,
            session: &#krate::Session,
            failure: &#krate::Failure,
        ) -> impl ::core::future::Future<Output = #krate::OnError> + ::core::marker::Send {
            Self::#error(self, session, failure)
        }
    }
}
