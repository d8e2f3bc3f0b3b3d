//! Every parameter of the path has its field.

use syn::Member;

use crate::{
    diagnostics::{Errors, did_you_mean},
    model::{Endpoint, Source},
};

/// Reports parameters without a field. The other way round nothing is to be checked: a field that is
/// no parameter comes from somewhere else.
pub(crate) fn fields(endpoint: &Endpoint, errors: &mut Errors) {
    for param in endpoint.template().params() {
        if endpoint.fields().iter().any(|field| field.is_param(&param.name)) {
            continue;
        }
        // A field whose own definition was refused has its message already.
        if endpoint.has_refused_fields() {
            continue;
        }
        let name = &param.name;
        let spelling = if param.rest { format!("<{name}..>") } else { format!("<{name}>") };
        let field = if syn::parse_str::<syn::Ident>(name).is_ok() {
            format!("{name}: String")
        } else {
            format!("r#{name}: String")
        };
        let owner = endpoint.ident();
        let guess = did_you_mean(name, initial_names(endpoint).iter().map(String::as_str));
        let text = format!(
            "the parameter `{spelling}` of the path needs a field of that name in `{owner}`{guess} \
             write `{field}`, or another type that implements `FromStr`"
        );
        errors.over(endpoint.template().literal(), text);
    }
}

/// The names of the fields that have no source, one of which may be the parameter misspelt.
fn initial_names(endpoint: &Endpoint) -> Vec<String> {
    let unsaid = endpoint.fields().iter().filter(|f| matches!(f.source(), Source::Initial));
    unsaid
        .filter_map(|field| match field.member() {
            Member::Named(ident) => Some(ident.to_string()),
            Member::Unnamed(_) => None,
        })
        .collect()
}
