//! What a handler's signature must be, its arguments aside.

use proc_macro2::Span;
use syn::{
    FnArg, GenericParam, Receiver, ReceiverKind, ReturnType, Safety, Signature, Type,
    spanned::Spanned,
};

use crate::{
    diagnostics::{Errors, quoted},
    parse::Attribute,
};

const GENERIC: &str = "a handler is called with one type, so it cannot be generic";

/// Reports receivers, generics, modifiers and outputs that no handler can have.
pub(crate) fn signature(attribute: Attribute, signature: &Signature, errors: &mut Errors) {
    receiver(attribute, signature, errors);
    for param in &signature.generics.params {
        if !matches!(param, GenericParam::Lifetime(_)) {
            errors.over(param, GENERIC);
        }
    }
    for input in &signature.inputs {
        if let FnArg::Typed(typed) = input
            && is_impl(&typed.ty)
        {
            errors.over(&typed.ty, GENERIC);
        }
    }
    if let Safety::Unsafe(token) = signature.safety {
        errors.at(token.span(), "a handler is called by the framework, so it cannot be `unsafe`");
    }
    if let Some(abi) = &signature.abi {
        errors.over(abi, "a handler is a plain `fn` or `async fn`");
    }
    output(attribute, signature, errors);
}

/// Reports `blocking`, which stands at `span`, on an `async fn`.
pub(crate) fn blocking(span: Option<Span>, signature: &Signature, errors: &mut Errors) {
    if let Some(span) = span
        && signature.asyncness.is_some()
    {
        errors.at(
            span,
            "an `async fn` cannot be `blocking`; remove `async` and it runs on a thread where it \
             may block, or remove `blocking`",
        );
    }
}

/// `impl Trait`, behind `&` or not.
fn is_impl(ty: &Type) -> bool {
    match ty {
        Type::ImplTrait(_) => true,
        Type::Reference(reference) => is_impl(&reference.elem),
        _ => false,
    }
}

fn receiver(attribute: Attribute, signature: &Signature, errors: &mut Errors) {
    const WHY: &str = "the object lives as long as the connection";
    match signature.inputs.first() {
        Some(FnArg::Receiver(receiver)) if !is_borrowed(receiver) => {
            errors.over(receiver, format!("a handler takes `&mut self` or `&self`: {WHY}"));
        }
        Some(FnArg::Receiver(_)) => {}
        _ => {
            let name = attribute.name();
            let text = format!(
                "`#[{name}]` belongs on a method of the endpoint's struct, which takes `&mut self` \
                 or `&self`"
            );
            errors.at(signature.ident.span(), text);
        }
    }
}

fn is_borrowed(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Reference(..) => true,
        ReceiverKind::Typed(_, ty) => match &**ty {
            Type::Reference(ty) => {
                matches!(&*ty.elem, Type::Path(path) if path.path.is_ident("Self"))
            }
            _ => false,
        },
        _ => false,
    }
}

/// What can be seen without knowing types; the compiler says the rest.
fn output(attribute: Attribute, signature: &Signature, errors: &mut Errors) {
    let ty = match &signature.output {
        ReturnType::Type(_, ty) if !is_unit(ty) => Some(&**ty),
        _ => None,
    };
    match (attribute, ty) {
        (Attribute::Close, Some(ty)) => errors.over(
            ty,
            format!(
                "`#[on_close]` returns nothing, since nobody is left to hear it; remove {}",
                quoted(ty)
            ),
        ),
        (Attribute::Error, None) => errors.at(
            output_span(signature),
            "`#[on_error]` decides what happens next; write `-> OnError`",
        ),
        (Attribute::Disconnect, None) => errors.at(
            output_span(signature),
            "`#[on_disconnect]` decides whether to dial again; write `-> Retry`",
        ),
        _ => {}
    }
}

fn is_unit(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty())
}

fn output_span(signature: &Signature) -> Span {
    match &signature.output {
        ReturnType::Type(_, ty) => ty.span(),
        ReturnType::Default => signature.ident.span(),
    }
}
