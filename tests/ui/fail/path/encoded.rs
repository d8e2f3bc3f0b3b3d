//! Templates are compared with decoded paths.

use wsframe::server_endpoint;

#[server_endpoint("/caf%C3%A9")]
struct Encoded;

#[server_endpoint("/with\ttab")]
struct Control;

#[server_endpoint("/page#top")]
struct Fragment;

fn main() {}
