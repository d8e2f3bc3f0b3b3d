//! What goes with a payload that is not all here.

use syn::Signature;

use crate::{
    diagnostics::Errors,
    model::{Argument, Payload, Role},
    parse::HandlerArgs,
};

/// Reports coders of pieces, and readers that nobody waits for.
pub(crate) fn piecewise(
    args: &HandlerArgs,
    signature: &Signature,
    arguments: &[Argument],
    errors: &mut Errors,
) {
    for argument in arguments {
        let Role::Payload(payload) = argument.role() else { continue };
        if let Some(coder) = args.coder.as_ref().filter(|_| payload.is_piecewise()) {
            errors
                .over(coder, "a coder takes whole messages; remove it, or take what it decodes to");
        }
        // With `blocking`, that is what is wrong.
        if *payload == Payload::Reader && signature.asyncness.is_none() {
            let text = "the rest of the message is waited for, so the handler is an `async fn`";
            errors.at(args.blocking.unwrap_or(signature.fn_token.span), text);
        }
    }
}
