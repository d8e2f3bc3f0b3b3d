//! `#[derive(Default)]` above the attribute takes `#[default(…)]` for its own; below, it is gone.

use wsframe::server_endpoint;

#[derive(Default)]
#[server_endpoint("/above")]
struct Above {
    #[default(7)]
    level: u8,
}

#[server_endpoint("/below")]
#[derive(Default)]
struct Below {
    #[default(7)]
    level: u8,
}

fn main() {}
