//! The way of one attribute through the stages.

use proc_macro2::TokenStream;

use crate::{
    check,
    diagnostics::Errors,
    expand, fallback, model, names,
    parse::{Attribute, EndpointArgs, HandlerArgs, Item, Method, Side, SourceAttr},
};

/// `#[server_endpoint]`.
pub(crate) fn endpoint(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let args = EndpointArgs::parse(Side::Server, args, &mut errors);
    let krate = args.krate.clone().unwrap_or_else(names::default_crate);
    let mut item = match Item::parse(Side::Server, item) {
        Ok(item) => item,
        Err((item, error)) => {
            errors.add(error);
            return fallback::endpoint(&item, &krate, errors);
        }
    };
    refuse_second(Side::Server, &item, &mut errors);
    let sources = SourceAttr::take_all(&mut item.fields, &mut errors);
    let endpoint = model::Endpoint::new(args, &item, sources, &mut errors);
    if let Some(endpoint) = &endpoint {
        check::fields(endpoint, &mut errors);
        check::options(endpoint.settings(), &mut errors);
    }
    match endpoint {
        Some(endpoint) if errors.is_empty() => expand::endpoint(&item, &endpoint),
        _ => fallback::endpoint(&item.into(), &krate, errors),
    }
}

/// `#[client_endpoint]`.
pub(crate) fn client_endpoint(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let args = EndpointArgs::parse(Side::Client, args, &mut errors);
    let krate = args.krate.clone().unwrap_or_else(names::default_crate);
    let mut item = match Item::parse(Side::Client, item) {
        Ok(item) => item,
        Err((item, error)) => {
            errors.add(error);
            return fallback::client_endpoint(&item, &krate, errors);
        }
    };
    refuse_second(Side::Client, &item, &mut errors);
    let sources = SourceAttr::take_all(&mut item.fields, &mut errors);
    let endpoint = model::ClientEndpoint::new(args, &item, sources, &mut errors);
    check::options(endpoint.settings(), &mut errors);
    if errors.is_empty() {
        expand::client_endpoint(&item, &endpoint)
    } else {
        fallback::client_endpoint(&item.into(), &krate, errors)
    }
}

fn refuse_second(side: Side, item: &Item, errors: &mut Errors) {
    if let Some((second, other)) = &item.second {
        let text = match (side, other) {
            (Side::Server, Side::Server) => {
                "an endpoint has one path; write a second struct for another"
            }
            (Side::Client, Side::Client) => {
                "a struct is a client endpoint once; remove one of them"
            }
            _ => {
                "a struct is an endpoint of one side: a server makes its objects, a client is given \
                 them; write a second struct for the other side"
            }
        };
        errors.over(second, text);
    }
}

/// A method attribute.
pub(crate) fn handler(attribute: Attribute, args: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let args = HandlerArgs::parse(attribute, args, &mut errors);
    let method = errors.take(Method::parse(attribute, item.clone()));
    let handler = method.and_then(|method| {
        let arguments = model::Argument::all(attribute, &method.signature);
        check::signature(attribute, &method.signature, &mut errors);
        check::blocking(args.blocking, &method.signature, &mut errors);
        check::arguments(attribute, &method.signature, &arguments, &mut errors);
        check::piecewise(&args, &method.signature, &arguments, &mut errors);
        model::Handler::new(attribute, args, method, arguments, &mut errors)
    });
    match handler {
        Some(handler) if errors.is_empty() => expand::handler(item, &handler),
        _ => fallback::handler(item, errors),
    }
}
