//! Endpoints that a `macro_rules!` writes.
#![deny(warnings)]

use wsframe::{on_message, server_endpoint};

macro_rules! endpoint {
    ($name:ident, $path:literal, $field:ident: $ty:ty, $payload:ty, $size:expr) => {
        #[server_endpoint($path, max_message_size = $size)]
        struct $name {
            $field: $ty,
            #[query]
            nick: Option<$ty>,
        }

        impl $name {
            #[on_message]
            fn said(&self, payload: $payload) -> String {
                format!("{payload:?} {:?} {:?}", self.$field, self.nick)
            }
        }
    };
}

endpoint!(A, "/a/<room>", room: String, String, "64KiB");
endpoint!(B, "/b/<seat>", seat: u8, &[u8], 1024);

fn main() {}
