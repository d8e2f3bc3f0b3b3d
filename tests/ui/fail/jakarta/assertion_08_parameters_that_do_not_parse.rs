//! A field that a parameter is bound to has `FromStr`, and is one value.

use wsframe::server_endpoint;

struct Colour;

#[server_endpoint("/paint/<colour>")]
struct Paint {
    colour: Colour,
}

#[server_endpoint("/name/<names>")]
struct Names {
    names: Vec<String>,
}

fn main() {}
