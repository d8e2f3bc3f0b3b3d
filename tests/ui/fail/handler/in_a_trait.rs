//! A trait's methods are no handlers: neither with a body nor without.

use wsframe::{on_message, on_open};

trait Talk {
    #[on_open]
    fn opened(&mut self);

    #[on_message]
    fn said(&mut self, text: String) {
        drop(text);
    }
}

fn main() {}
