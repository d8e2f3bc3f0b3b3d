//! `("/chat/<room>", option = value, …)`.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{
    Expr, LitStr, Path, Token,
    ext::IdentExt,
    parse::{ParseStream, Parser},
};

use super::Side;
use crate::{diagnostics::Errors, names};

/// The arguments of `#[server_endpoint]`, and of `#[client_endpoint]`, which has no path. What is
/// malformed is reported and left out.
pub(crate) struct EndpointArgs {
    pub(crate) path: Option<LitStr>,
    pub(crate) options: Vec<OptionArg>,
    pub(crate) krate: Option<Path>,
}

/// `name = value`.
pub(crate) struct OptionArg {
    pub(crate) name: Ident,
    pub(crate) value: Expr,
}

impl EndpointArgs {
    pub(crate) fn parse(side: Side, args: TokenStream, errors: &mut Errors) -> Self {
        let mut out = Self { path: None, options: Vec::new(), krate: None };
        let parser = |input: ParseStream<'_>| {
            if side == Side::Server {
                out.parse_path(input, errors);
            }
            while !input.is_empty() {
                if let Err(error) = out.parse_option(side, input, errors) {
                    errors.add(error);
                    skip_argument(input);
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(args) {
            errors.add(error);
        }
        out
    }

    fn parse_path(&mut self, input: ParseStream<'_>, errors: &mut Errors) {
        const FIRST: &str = "the path comes first: `#[server_endpoint(\"/chat/<room>\", …)]`";
        const LITERAL: &str = "the path is read while compiling, so it is a literal: \
                               `#[server_endpoint(\"/chat/<room>\", …)]`";
        if input.peek(LitStr) {
            self.path = input.parse().ok();
            if !input.is_empty()
                && let Err(error) = input.parse::<Token![,]>()
            {
                errors.add(error);
                skip_argument(input);
                let _ = input.parse::<Token![,]>();
            }
            return;
        }
        let option = input.peek(Ident::peek_any) && input.peek2(Token![=]);
        // `path = "…"` gets its own message, with the other options.
        if option && input.fork().call(Ident::parse_any).is_ok_and(|name| name == "path") {
            return;
        }
        let (span, text) = match input.is_empty() {
            true => (Span::call_site(), FIRST),
            false => (input.span(), if option { FIRST } else { LITERAL }),
        };
        errors.at(span, text);
        if !option {
            skip_argument(input);
            let _ = input.parse::<Token![,]>();
        }
    }

    fn parse_option(
        &mut self,
        side: Side,
        input: ParseStream<'_>,
        errors: &mut Errors,
    ) -> syn::Result<()> {
        const DIALS: &str = "a client endpoint has no path: it dials the URL of `Client::new(…)`";
        if input.peek(LitStr) && side == Side::Client {
            return Err(input.error(DIALS));
        }
        if input.peek(LitStr) {
            return Err(input.error("an endpoint has one path; write a second struct for another"));
        }
        let name = input.call(Ident::parse_any)?;
        if !input.peek(Token![=]) {
            let text = format!("write a value: `{name} = …`");
            return Err(syn::Error::new(name.span(), text));
        }
        input.parse::<Token![=]>()?;
        if name == "crate" {
            let path = names::parse_crate(input)?;
            if self.krate.replace(path).is_some() {
                errors.at(name.span(), "`crate` is given twice");
            }
        } else if (name == "path" || name == "url") && side == Side::Client {
            input.parse::<Expr>()?;
            errors.at(name.span(), DIALS);
        } else if name == "path" {
            // Kept, so that the rest of the struct is checked against it.
            let path = input.parse::<LitStr>()?;
            let text = format!("the path has no name: `#[server_endpoint({:?}, …)]`", path.value());
            errors.at(name.span(), text);
            self.path.get_or_insert(path);
        } else {
            self.options.push(OptionArg { name, value: input.parse()? });
        }
        Ok(())
    }
}

/// Goes to the next comma, so that the arguments behind a mistake are still read.
fn skip_argument(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        // A token tree always parses here: the input is not empty.
        let _ = input.parse::<proc_macro2::TokenTree>();
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn parse(args: TokenStream) -> (EndpointArgs, Vec<String>) {
        let mut errors = Errors::default();
        let args = EndpointArgs::parse(Side::Server, args, &mut errors);
        (args, errors.messages())
    }

    #[test]
    fn path_options_and_crate_are_told_apart() {
        let (args, errors) = parse(quote!("/a", outbox = 64 * 1024, crate = ::ws, origins = any,));
        assert_eq!(errors, [""; 0]);
        assert_eq!(args.path.unwrap().value(), "/a");
        assert_eq!(args.options.iter().map(|o| &o.name).collect::<Vec<_>>(), ["outbox", "origins"]);
        assert!(args.krate.is_some());
    }

    #[test]
    fn every_mistake_is_reported_and_the_rest_is_read() {
        let (args, errors) = parse(quote!("/a", outbox, inbound = , "/b", overflow = close));
        assert_eq!(errors.len(), 3, "{errors:?}");
        assert_eq!(args.options.iter().map(|o| &o.name).collect::<Vec<_>>(), ["overflow"]);
    }

    #[test]
    fn a_missing_or_misplaced_path_is_one_mistake() {
        for args in [
            quote!(),
            quote!(outbox = 1),
            quote!(path = "/a"),
            quote!(5),
            quote!(chat),
            quote!('a', outbox = 1),
        ] {
            let text = args.to_string();
            let (_, errors) = parse(args);
            assert_eq!(errors.len(), 1, "{text}: {errors:?}");
            assert!(errors[0].contains("server_endpoint"), "{text}: {errors:?}");
        }
    }
}
