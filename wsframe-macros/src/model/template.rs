//! A valid route template.

use syn::LitStr;

use crate::{
    diagnostics::Errors,
    parse::template::{self, Param},
};

/// A valid route template, as the user wrote it.
pub(crate) struct Template {
    literal: LitStr,
    params: Vec<Param>,
}

impl Template {
    pub(crate) fn new(literal: LitStr, errors: &mut Errors) -> Option<Self> {
        let text = literal.value();
        match template::parse(&text) {
            Ok(params) => Some(Self { literal, params }),
            Err(faults) => {
                faults.iter().for_each(|fault| errors.over(&literal, fault.message(&text)));
                None
            }
        }
    }

    pub(crate) fn literal(&self) -> &LitStr {
        &self.literal
    }

    pub(crate) fn params(&self) -> &[Param] {
        &self.params
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.params.iter().any(|param| param.name == name)
    }
}
