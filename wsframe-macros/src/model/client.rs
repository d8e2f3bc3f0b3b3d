//! An endpoint that dials: how it is configured. Its object is made by the user.

use proc_macro2::Ident;
use syn::Path;

use super::Setting;
use crate::{
    diagnostics::Errors,
    names,
    parse::{EndpointArgs, FieldSources, Item, Side},
};

/// A client endpoint.
pub(crate) struct ClientEndpoint {
    krate: Path,
    ident: Ident,
    settings: Vec<Setting>,
}

impl ClientEndpoint {
    pub(crate) fn new(
        args: EndpointArgs,
        item: &Item,
        sources: Vec<FieldSources>,
        errors: &mut Errors,
    ) -> Self {
        let owner = item.ident();
        for source in sources.into_iter().flatten().flatten() {
            let text = format!(
                "who dials fills the fields: `Client::new(url).run({owner} {{ … }})`; remove this \
                 attribute, and take headers of the answer from `session.head()` in `#[on_open]`"
            );
            errors.over(&source.attribute, text);
        }
        Self {
            krate: args.krate.unwrap_or_else(names::default_crate),
            ident: owner.clone(),
            settings: Setting::new_all(Side::Client, args.options, errors),
        }
    }

    /// The path of the runtime.
    pub(crate) fn krate(&self) -> &Path {
        &self.krate
    }

    pub(crate) fn ident(&self) -> &Ident {
        &self.ident
    }

    pub(crate) fn settings(&self) -> &[Setting] {
        &self.settings
    }
}
