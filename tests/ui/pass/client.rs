//! A client endpoint in all its forms; nothing warns.
#![deny(warnings)]

mod ws {
    pub use ::wsframe::*;
}

use std::time::Duration;

use wsframe::{client_endpoint, on_disconnect, on_event, on_message, Disconnect, Retry};

#[client_endpoint]
pub struct Unit;

#[client_endpoint()]
struct Tuple(u32, String);

impl Tuple {
    #[on_disconnect]
    fn again(&mut self, disconnect: Disconnect) -> Retry {
        self.0 += 1;
        if disconnect.is_transient() { Retry::After(Duration::from_secs(self.0.into())) } else { Retry::Stop }
    }
}

/// An event of the user's own with a name of ours.
struct News;

#[ws::client_endpoint(subprotocols = ["a"], idle_timeout = "1m", ping_interval = off, crate = ws)]
#[derive(Debug, Default)]
struct Named {
    said: Vec<String>,
}

impl Named {
    #[ws::on_disconnect(crate = ws)]
    async fn again(&self, _: &ws::Disconnect) -> ws::Retry {
        ws::Retry::Default
    }

    #[on_message]
    fn heard(&mut self, text: String) {
        self.said.push(text);
    }

    #[on_event]
    fn told(&mut self, _: News) {}
}

fn main() {
    let tuple = Tuple(1, String::new());
    let named = Named::default();
    let _ = (Unit, tuple.1, named.said, News);
}
