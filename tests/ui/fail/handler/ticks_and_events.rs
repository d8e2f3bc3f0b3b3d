//! What ticks and events lack.

use wsframe::{on_event, on_tick, server_endpoint};

#[server_endpoint("/work")]
struct Work;

impl Work {
    #[on_tick]
    fn without_a_period(&mut self) {}

    #[on_tick(every = "fast")]
    fn of_no_duration(&mut self) {}

    #[on_tick(every = "0s")]
    fn of_zero(&mut self) {}

    #[on_tick(every = "1s")]
    fn with_a_payload(&mut self, text: String) {}

    #[on_event]
    fn without_a_value(&mut self) {}

    #[on_event(every = "1s")]
    fn with_a_period(&mut self, value: u32) {}
}

fn main() {}
