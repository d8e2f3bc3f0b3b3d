//! A method attribute: the hidden function beside the method.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Member, spanned::Spanned};

use super::piecewise;
use crate::{
    diagnostics::at,
    model::{Argument, Event, Handler, Passing, Payload, Role},
    names,
    parse::Every,
};

/// The method as it was written, and the function that the struct attribute's `impl Endpoint` calls:
///
/// ```text
/// #[doc(hidden)]
/// pub(crate) fn __wsframe_only_one_text_handler_per_endpoint(
///     &mut self,
///     session: &Session,
///     message: Message,
/// ) -> impl Future<Output = Outcome> + Send
/// where
///     Self: Endpoint,
/// {
///     async move {
///         let payload = <String as FromMessage>::from_message(message)?;
///         IntoReply::into_reply(Self::said(self, payload, session).await)
///     }
/// }
/// ```
///
/// - It takes `&mut self` whatever the method takes, so that the call by path finds it.
/// - It is visible in the whole crate, since the `impl` may be in another module than the struct.
/// - `Send` stands at the method's name: a method that is not `Send` is reported there.
/// - `where Self: Endpoint` is the complaint about a struct without `#[server_endpoint]`.
pub(crate) fn handler(method: &TokenStream, handler: &Handler) -> TokenStream {
    let krate = handler.krate();
    let span = at(handler.method().span());
    let cfgs = handler.cfgs();
    let name = names::hidden(handler.event(), handler.method().span());
    let inputs = Input::all(handler.event()).iter().map(|input| input.parameter(handler));
    let output = output(handler);
    let body = body(handler);
    let (fact, blocks) = (fact(handler), blocks(handler));
    let incoming = piecewise::incoming(handler, &call(handler));
    // At the attribute, which is what does not belong here.
    let bound = match handler.event() {
        Event::Disconnect => quote_spanned!(at(Span::call_site())=> Self: #krate::ClientEndpoint),
        _ => quote_spanned!(at(Span::call_site())=> Self: #krate::Endpoint),
    };
    quote_spanned! {span=>
        #method

        #(#cfgs)*
        #[doc(hidden)]
        pub(crate) fn #name(
            &mut self,
            #(#inputs),*
        ) -> impl ::core::future::Future<Output = #output> + ::core::marker::Send
        where
            #bound,
        {
            async move { #body }
        }

        #fact
        #blocks
        #incoming
    }
}

/// That the handler blocks, where it does:
///
/// ```text
/// #[doc(hidden)]
/// pub(crate) const __WSFRAME_TEXT_HANDLER_BLOCKS: bool = true;
/// ```
fn blocks(handler: &Handler) -> Option<TokenStream> {
    let Event::Message(kind) = handler.event() else { return None };
    let span = handler.method().span();
    let cfgs = handler.cfgs();
    let name = names::hidden_blocks(kind, span);
    handler.is_blocking().then(|| {
        quote_spanned! {at(span)=>
            #(#cfgs)*
            #[doc(hidden)]
            pub(crate) const #name: bool = true;
        }
    })
}

/// What the runtime has to know beforehand: how often to tick, which type of event to take.
///
/// ```text
/// #[doc(hidden)]
/// pub(crate) const __WSFRAME_PERIOD_OF_ON_TICK: Option<Duration> =
///     Some(Duration::from_millis(100));
/// ```
fn fact(handler: &Handler) -> Option<TokenStream> {
    let span = at(handler.method().span());
    let cfgs = handler.cfgs();
    let name = names::hidden_fact(handler.event(), handler.method().span())?;
    let (ty, value) = match handler.every() {
        Some(every) => {
            let value = match every {
                Every::Literal(period) => {
                    let millis = period.as_millis() as u64;
                    quote_spanned!(span=> ::core::time::Duration::from_millis(#millis))
                }
                Every::Expr(expr) => quote!(#expr),
            };
            (quote_spanned!(span=> ::core::time::Duration), value)
        }
        None => {
            let ty = handler.arguments().iter().find_map(|argument| match argument.role() {
                Role::Payload(Payload::Type(ty)) => Some(ty),
                _ => None,
            })?;
            let id = quote_spanned!(span=> ::core::any::TypeId);
            (id.clone(), quote_spanned!(span=> #id::of::<#ty>()))
        }
    };
    Some(quote_spanned! {span=>
        #(#cfgs)*
        #[doc(hidden)]
        pub(crate) const #name: ::core::option::Option<#ty> =
            ::core::option::Option::Some(#value);
    })
}

/// What a hidden function takes beside `self`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Input {
    Handshake,
    Session,
    Message,
    Event,
    Reason,
    Failure,
    Disconnect,
}

impl Input {
    /// As `NoHandler` declares them.
    fn all(event: Event) -> &'static [Self] {
        match event {
            Event::Handshake => &[Self::Handshake],
            Event::Open | Event::Tick => &[Self::Session],
            Event::Message(_) => &[Self::Session, Self::Message],
            Event::Told => &[Self::Session, Self::Event],
            Event::Close => &[Self::Session, Self::Reason],
            Event::Error => &[Self::Session, Self::Failure],
            Event::Disconnect => &[Self::Disconnect],
        }
    }

    fn of(role: &Role, event: Event) -> Self {
        match role {
            Role::Handshake => Self::Handshake,
            Role::Session => Self::Session,
            Role::Payload(_) if event == Event::Told => Self::Event,
            Role::Payload(_) => Self::Message,
            Role::CloseReason => Self::Reason,
            Role::Failure => Self::Failure,
            Role::Disconnect => Self::Disconnect,
        }
    }

    fn parameter(self, handler: &Handler) -> TokenStream {
        let krate = handler.krate();
        let span = at(handler.method().span());
        let of = |argument: &Argument| Self::of(argument.role(), handler.event());
        // All of it is passed on.
        let used = handler.piecewise().is_some()
            || handler.arguments().iter().any(|argument| of(argument) == self);
        let (name, ty) = match self {
            Self::Handshake => ("handshake", quote_spanned!(span=> &mut #krate::Handshake)),
            Self::Session => ("session", quote_spanned!(span=> &#krate::Session)),
            Self::Message => ("message", quote_spanned!(span=> #krate::Message)),
            Self::Event => ("event", quote_spanned!(span=> #krate::Event)),
            Self::Reason => ("reason", quote_spanned!(span=> #krate::CloseReason)),
            Self::Failure => ("failure", quote_spanned!(span=> &#krate::Failure)),
            Self::Disconnect => ("disconnect", quote_spanned!(span=> &#krate::Disconnect)),
        };
        let name = Ident::new(name, span);
        if used { quote!(#name: #ty) } else { quote_spanned!(span=> _: #ty) }
    }
}

fn output(handler: &Handler) -> TokenStream {
    let krate = handler.krate();
    let span = at(handler.output().unwrap_or(handler.method().span()));
    match handler.event() {
        Event::Handshake => {
            quote_spanned!(span=> ::core::result::Result<(), #krate::Refusal>)
        }
        Event::Open | Event::Message(_) | Event::Tick | Event::Told => {
            quote_spanned!(span=> #krate::Outcome)
        }
        Event::Close => quote_spanned!(span=> ()),
        Event::Error => quote_spanned!(span=> #krate::OnError),
        Event::Disconnect => quote_spanned!(span=> #krate::Retry),
    }
}

fn body(handler: &Handler) -> TokenStream {
    let krate = handler.krate();
    // What the method returns is reported at its returned type.
    let span = at(handler.output().unwrap_or(handler.method().span()));
    if let Some(whole) = piecewise::whole(handler) {
        return whole;
    }
    let call = call(handler);
    match handler.event() {
        Event::Open | Event::Tick => quote_spanned!(span=> #krate::IntoReply::into_reply(#call)),
        Event::Message(_) | Event::Told => {
            if let Some(coder) = handler.coder() {
                return coded(handler, coder, &call);
            }
            let decode =
                handler.arguments().iter().filter_map(|argument| decode(handler, argument));
            quote_spanned!(span=> #(#decode)* #krate::IntoReply::into_reply(#call))
        }
        Event::Handshake => {
            let serves = serves(handler);
            quote_spanned!(span=> #serves #krate::private::IntoVerdict::into_verdict(#call))
        }
        Event::Close | Event::Error | Event::Disconnect => call,
    }
}

/// The complaint about `#[on_handshake]` on a client endpoint, at the attribute:
///
/// ```text
/// use ::wsframe::private::NoHandler as _;
/// ::wsframe::private::answers_handshakes(Self::__WSFRAME_SIDE);
/// ```
fn serves(handler: &Handler) -> TokenStream {
    let krate = handler.krate();
    let span = at(Span::call_site());
    let side = names::hidden_side(span);
    quote_spanned! {span=>
        use #krate::private::NoHandler as _;
        #krate::private::answers_handshakes(Self::#side);
    }
}

/// `Self::said(self, payload, session).await`.
fn call(handler: &Handler) -> TokenStream {
    let method = handler.method();
    let span = at(handler.output().unwrap_or(method.span()));
    let arguments = handler.arguments().iter().map(argument);
    let wait = handler.is_async().then(|| quote_spanned!(span=> .await));
    quote_spanned!(span=> Self::#method(self #(, #arguments)*) #wait)
}

/// The same with a coder. Neither type is named, so that the user's are the ones that are compared.
/// The path of `decode` begins at the field, so that a field that is no coder is reported there, once:
///
/// ```text
/// let payload = <_ as Coder>::decode(&mut self.codec, message)?;
/// let reply = Self::said(self, payload).await;
/// private::encode(&mut self.codec, reply)
/// ```
fn coded(handler: &Handler, coder: &Member, call: &TokenStream) -> TokenStream {
    let krate = handler.krate();
    let span = at(handler.output().unwrap_or(handler.method().span()));
    let coder = quote_spanned!(at(coder.span())=> &mut self.#coder);
    let decode = quote_spanned!(at(coder.span())=> <_ as #krate::Coder>::decode(#coder, message)?);
    quote_spanned! {span=>
        let payload = #decode;
        let reply = #call;
        #krate::private::encode(#coder, reply)
    }
}

/// The payload, as a local variable.
fn decode(handler: &Handler, argument: &Argument) -> Option<TokenStream> {
    let krate = handler.krate();
    let span = at(argument.ty().span());
    let Role::Payload(payload) = argument.role() else { return None };
    let ty = match payload {
        // Borrowed from the message itself: nothing is copied.
        Payload::Str => quote_spanned!(span=> #krate::Text),
        Payload::Slice => quote_spanned!(span=> #krate::private::bytes::Bytes),
        Payload::Part(ty) | Payload::Type(ty) => quote!(#ty),
        Payload::Reader => return None,
    };
    if handler.event() == Event::Told {
        return Some(quote_spanned! {span=>
            let payload = #krate::private::take_event::<#ty>(event)?;
        });
    }
    Some(quote_spanned! {span=>
        let payload = <#ty as #krate::FromMessage>::from_message(message)?;
    })
}

/// What stands in the call. It carries the span of the argument's type, where a type of the same
/// name that is another one is reported.
fn argument(argument: &Argument) -> TokenStream {
    let span = at(argument.ty().span());
    match (argument.role(), argument.passing()) {
        (Role::Session, Passing::Value) => {
            quote_spanned!(span=> ::core::clone::Clone::clone(session))
        }
        (Role::Session, _) => quote_spanned!(span=> session),
        (Role::Handshake, _) => quote_spanned!(span=> handshake),
        (Role::Failure, _) => quote_spanned!(span=> failure),
        (Role::Disconnect, Passing::Value) => {
            quote_spanned!(span=> ::core::clone::Clone::clone(disconnect))
        }
        (Role::Disconnect, _) => quote_spanned!(span=> disconnect),
        (Role::CloseReason, Passing::Value) => quote_spanned!(span=> reason),
        (Role::CloseReason, _) => quote_spanned!(span=> &reason),
        (Role::Payload(_), Passing::Value) => quote_spanned!(span=> payload),
        (Role::Payload(_), _) => quote_spanned!(span=> &payload),
    }
}
