//! Route templates and the matching of request paths; no IO.
//!
//! `template` reads `/chat/<room>`, `router` finds the template that a request path belongs to,
//! `path` is the only place that decodes a request path, `overlap` tells templates apart.

mod overlap;
mod params;
mod path;
mod query;
mod router;
mod template;

pub use self::params::Params;
#[cfg(feature = "client")]
pub(crate) use self::path::decode;
pub(crate) use self::{
    overlap::equivalent,
    path::InvalidPath,
    query::query_pairs,
    router::Router,
    template::{Template, TemplateError},
};
