//! Anything else that has a name.

use wsframe::server_endpoint;

#[server_endpoint("/a")]
union Union {
    a: u8,
}

#[server_endpoint("/b")]
trait Trait {}

#[server_endpoint("/c")]
mod module {}

#[server_endpoint("/d")]
type Alias = u8;

fn main() {}
