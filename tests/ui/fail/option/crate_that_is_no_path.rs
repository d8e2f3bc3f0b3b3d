//! `crate` takes a path, not a string, and is there once.

use wsframe::{on_open, server_endpoint};

#[server_endpoint("/a", crate = "wsframe")]
struct Chat;

#[server_endpoint("/b", crate = wsframe, crate = ::wsframe)]
struct Twice;

impl Twice {
    #[on_open(crate = "wsframe")]
    fn opened(&mut self) {}
}

fn main() {}
