//! An endpoint: where it is, how it is configured, how its object is made.

use proc_macro2::Ident;
use syn::Path;

use super::{Field, Setting, Template};
use crate::{
    diagnostics::Errors,
    names,
    parse::{EndpointArgs, FieldSources, Item, Side},
};

/// An endpoint.
pub(crate) struct Endpoint {
    krate: Path,
    ident: Ident,
    template: Template,
    settings: Vec<Setting>,
    fields: Vec<Field>,
    refused: usize,
}

impl Endpoint {
    /// `None` if there is no valid template; the other parts are looked at nevertheless, so that
    /// all mistakes are reported together.
    pub(crate) fn new(
        args: EndpointArgs,
        item: &Item,
        sources: Vec<FieldSources>,
        errors: &mut Errors,
    ) -> Option<Self> {
        let template = args.path.and_then(|path| Template::new(path, errors));
        let settings = Setting::new_all(Side::Server, args.options, errors);
        let fields: Vec<Field> = item
            .fields
            .members()
            .zip(&item.fields)
            .zip(sources)
            .filter_map(|((member, field), sources)| {
                Field::new(member, field, sources?, template.as_ref(), errors)
            })
            .collect();
        Some(Self {
            krate: args.krate.unwrap_or_else(names::default_crate),
            ident: item.ident().clone(),
            template: template?,
            settings,
            refused: item.fields.len() - fields.len(),
            fields,
        })
    }

    /// The path of the runtime.
    pub(crate) fn krate(&self) -> &Path {
        &self.krate
    }

    pub(crate) fn ident(&self) -> &Ident {
        &self.ident
    }

    pub(crate) fn template(&self) -> &Template {
        &self.template
    }

    pub(crate) fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// Whether there are fields that were reported and left out.
    pub(crate) fn has_refused_fields(&self) -> bool {
        self.refused > 0
    }

    /// The fields, in the order of the struct.
    pub(crate) fn fields(&self) -> &[Field] {
        &self.fields
    }
}
