//! The way of one attribute through the stages.

use proc_macro2::TokenStream;

use crate::{
    check,
    diagnostics::Errors,
    expand, fallback, model, names,
    parse::{Attribute, EndpointArgs, HandlerArgs, Item, Method, SourceAttr},
};

/// `#[server_endpoint]`.
pub(crate) fn endpoint(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let args = EndpointArgs::parse(args, &mut errors);
    let krate = args.krate.clone().unwrap_or_else(names::default_crate);
    let mut item = match Item::parse(item) {
        Ok(item) => item,
        Err((item, error)) => {
            errors.add(error);
            return fallback::endpoint(&item, &krate, errors);
        }
    };
    if let Some(second) = &item.second {
        errors.over(second, "an endpoint has one path; write a second struct for another");
    }
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
