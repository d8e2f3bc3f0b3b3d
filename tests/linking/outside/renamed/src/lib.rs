//! Knows the crate by another name, and gives the usual one back in the crate root.
#![forbid(unsafe_code)]
#![deny(warnings)]

extern crate ws as wsframe;

mod echo {
    use ws::prelude::*;

    #[server_endpoint("/renamed")]
    struct Renamed;

    impl Renamed {
        #[on_message]
        fn said(&self, text: String) -> String {
            text
        }
    }
}
