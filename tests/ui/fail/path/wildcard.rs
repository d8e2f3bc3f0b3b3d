//! A wildcard has a name here.

use wsframe::server_endpoint;

#[server_endpoint("/files/*")]
struct Star;

#[server_endpoint("/files/<..>")]
struct Rest;

#[server_endpoint("/<>")]
struct Nameless;

fn main() {}
