//! Who exists: descriptors, the scan that collects them at start-up, its faults, the table that it
//! makes.

mod check;
mod configured;
mod deployment;
mod descriptor;
mod fault;
mod filter;
mod route;
mod scan;
mod table;

pub(crate) use self::{
    configured::For,
    deployment::place,
    descriptor::Admitted,
    fault::Faults,
    filter::{Filter, Mount, TypeKey},
    scan::Scan,
    table::{Deployed, Table},
};
pub use self::{
    deployment::Deployment,
    descriptor::{Descriptor, Place},
    route::{Route, StatefulRoute},
};
