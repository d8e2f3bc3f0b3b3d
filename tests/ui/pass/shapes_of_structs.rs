//! Unit structs, tuple structs, empty structs, and structs inside of functions.
#![deny(warnings)]

use std::sync::Arc;

use wsframe::{on_message, server_endpoint};

#[server_endpoint("/unit")]
struct Unit;

#[server_endpoint("/empty/")]
struct Empty {}

#[server_endpoint("/tuple")]
struct Tuple(u32, #[state] Arc<String>, #[query("n")] Option<u8>);

impl Tuple {
    #[on_message]
    fn said(&mut self, text: String) -> String {
        self.0 += 1;
        format!("{text} {} {:?}", self.1, self.2)
    }
}

fn main() {
    #[server_endpoint("/inside")]
    struct Inside {
        said: u32,
    }

    impl Inside {
        #[on_message]
        fn said(&mut self, _: String) {
            self.said += 1;
        }
    }
}
