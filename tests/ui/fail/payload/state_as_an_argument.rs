//! What other frameworks hand to the function is a field here.

use std::sync::Arc;

use wsframe::{on_message, server_endpoint};

struct Log;

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_message]
    fn said(&mut self, _: String, _: Arc<Log>) {}
}

fn main() {}
