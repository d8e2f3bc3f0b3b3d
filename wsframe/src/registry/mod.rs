//! Who exists: descriptors, the scan that collects them at start-up, its faults, the table that it
//! makes.

mod check;
mod descriptor;
mod fault;
mod filter;
mod scan;
mod table;

pub use self::descriptor::{Descriptor, Place};
pub(crate) use self::{
    descriptor::Admitted,
    fault::Faults,
    filter::{Filter, Mount, TypeKey},
    scan::Scan,
    table::{Deployed, Table},
};
