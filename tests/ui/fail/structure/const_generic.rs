//! A parameter with a value is a parameter too.

use wsframe::server_endpoint;

#[server_endpoint("/chat")]
struct Chat<const N: usize>;

#[server_endpoint("/default")]
struct Default<T = String>(T);

fn main() {}
