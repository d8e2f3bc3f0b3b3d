//! `options`: a chain of setters.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;

use crate::{
    diagnostics::at,
    model::{Setting, Value},
};

/// Nothing if no option is given, else
///
/// ```text
/// fn options() -> Options {
///     Options::new().max_message_size(65536).ping_interval(Duration::from_secs(25))
/// }
/// ```
pub(super) fn options(krate: &Path, ident: &Ident, settings: &[Setting]) -> TokenStream {
    if settings.is_empty() {
        return TokenStream::new();
    }
    let settings = settings.iter().map(|setting| {
        let (name, value) = (setting.name(), value(krate, setting));
        quote!(.#name(#value))
    });
    quote_spanned! {at(ident.span())=>
        fn options() -> #krate::Options {
            #krate::Options::new() #(#settings)*
        }
    }
}

fn value(krate: &Path, setting: &Setting) -> TokenStream {
    let span = at(setting.span());
    match setting.value() {
        Value::Expr(value) => quote_spanned!(span=> #value),
        Value::Number(number) => {
            let number = proc_macro2::Literal::u64_unsuffixed(*number);
            quote_spanned!(span=> #number)
        }
        Value::Duration(duration) => {
            let millis = duration.as_millis();
            let (unit, number) = if millis.is_multiple_of(1000) {
                ("from_secs", millis / 1000)
            } else {
                ("from_millis", millis)
            };
            let unit = Ident::new(unit, span);
            let number = proc_macro2::Literal::u128_unsuffixed(number);
            quote_spanned!(span=> ::core::time::Duration::#unit(#number))
        }
        Value::Off => quote_spanned! {span=>
            ::core::option::Option::<::core::time::Duration>::None
        },
        Value::Deflate(on) => quote_spanned!(span=> #on),
        Value::Overflow(variant) => {
            let variant = Ident::new(variant, span);
            quote_spanned!(span=> #krate::Overflow::#variant)
        }
        Value::Origins(variant) => {
            let variant = Ident::new(variant, span);
            quote_spanned!(span=> #krate::Origins::#variant)
        }
        Value::NoRate => quote_spanned! {span=>
            ::core::option::Option::<#krate::Rate>::None
        },
        Value::Rate(amount, seconds) => {
            let unit = if *seconds == 1 { "per_second" } else { "per_minute" };
            let unit = Ident::new(unit, span);
            let amount = proc_macro2::Literal::u64_unsuffixed(*amount);
            quote_spanned!(span=> #krate::Rate::#unit(#amount))
        }
        Value::Excess(variant) => {
            let variant = Ident::new(variant, span);
            quote_spanned!(span=> #krate::Excess::#variant)
        }
        Value::Keep(variant) => {
            let variant = Ident::new(variant, span);
            quote_spanned!(span=> #krate::Keep::#variant)
        }
        Value::OriginList(list) => quote_spanned!(span=> #krate::Origins::list(#list)),
    }
}
