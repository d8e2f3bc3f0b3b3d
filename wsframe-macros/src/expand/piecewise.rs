//! A handler of messages that are not all here.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::spanned::Spanned;

use crate::{
    diagnostics::at,
    model::{Argument, Event, Handler, Payload, Role},
    names,
    parse::Kind,
};

/// The kind and the payload of such a handler.
fn piecewise(handler: &Handler) -> Option<(Kind, &Argument, &Payload)> {
    let Event::Message(kind) = handler.event() else { return None };
    let argument = handler.piecewise()?;
    match argument.role() {
        Role::Payload(payload) => Some((kind, argument, payload)),
        _ => None,
    }
}

/// What the hidden function does with a message that came whole, as one small frame:
///
/// ```text
/// Self::__wsframe_incoming_text(self, session, private::part_of(message)).await
/// ```
pub(super) fn whole(handler: &Handler) -> Option<TokenStream> {
    let krate = handler.krate();
    let span = at(handler.method().span());
    let (kind, _, payload) = piecewise(handler)?;
    let incoming = names::hidden_incoming(kind, handler.method().span());
    let message = match payload {
        Payload::Part(_) => quote_spanned!(span=> #krate::private::part_of(message)),
        _ => quote_spanned!(span=> #krate::private::reader_of(message)),
    };
    Some(quote_spanned!(span=> Self::#incoming(self, session, #message).await))
}

/// How it is taken, and the function that takes it:
///
/// ```text
/// #[doc(hidden)]
/// pub(crate) const __WSFRAME_TEXT_HANDLER_TAKES: Intake = Intake::Parts;
///
/// #[doc(hidden)]
/// pub(crate) fn __wsframe_incoming_text(
///     &mut self,
///     session: &Session,
///     incoming: Incoming,
/// ) -> impl Future<Output = Outcome> + Send {
///     async move {
///         let payload = private::part::<Text>(incoming)?;
///         IntoReply::into_reply(Self::said(self, payload, session).await)
///     }
/// }
/// ```
pub(super) fn incoming(handler: &Handler, call: &TokenStream) -> Option<TokenStream> {
    let krate = handler.krate();
    let span = at(handler.method().span());
    let (kind, argument, payload) = piecewise(handler)?;
    let cfgs = handler.cfgs();
    let takes = names::hidden_intake(kind, handler.method().span());
    let name = names::hidden_incoming(kind, handler.method().span());
    let of = at(argument.ty().span());
    let (intake, payload) = match payload {
        Payload::Part(ty) => (
            quote_spanned!(span=> #krate::Intake::Parts),
            quote_spanned!(of=> #krate::private::part::<#ty>(incoming)?),
        ),
        _ => (
            quote_spanned!(span=> #krate::Intake::Reader),
            quote_spanned!(of=> #krate::private::reader(incoming)?),
        ),
    };
    let uses = handler.arguments().iter().any(|argument| *argument.role() == Role::Session);
    let session = if uses { quote_spanned!(span=> session) } else { quote_spanned!(span=> _) };
    let reply = quote_spanned! {at(handler.output().unwrap_or(handler.method().span()))=>
        #krate::IntoReply::into_reply(#call)
    };
    Some(quote_spanned! {span=>
        #(#cfgs)*
        #[doc(hidden)]
        pub(crate) const #takes: #krate::Intake = #intake;

        #(#cfgs)*
        #[doc(hidden)]
        pub(crate) fn #name(
            &mut self,
            #session: &#krate::Session,
            incoming: #krate::Incoming,
        ) -> impl ::core::future::Future<Output = #krate::Outcome> + ::core::marker::Send {
            async move {
                let payload = #payload;
                #reply
            }
        }
    })
}
