//! A crate that is known by another name, with the usual one given back in the crate root: no
//! attribute needs `crate = …`.
#![deny(warnings)]

// As if `Cargo.toml` said `ws = { package = "wsframe" }`: `extern crate ws as wsframe;`. Here the
// dependency has its own name, so the other one is made first.
extern crate wsframe as ws;
extern crate wsframe;

mod inner {
    use ws::{Session, on_message, on_open, server_endpoint};

    #[server_endpoint("/renamed/<room>")]
    struct Renamed {
        room: String,
    }

    impl Renamed {
        #[on_open]
        fn opened(&self, _: &Session) -> String {
            self.room.clone()
        }

        #[on_message]
        fn said(&mut self, text: String) {
            self.room = text;
        }
    }
}

fn main() {}
