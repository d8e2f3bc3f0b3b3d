use std::time::Duration;

use wsframe::{on_tick, server_endpoint};

fn period() -> Duration {
    Duration::from_millis(100)
}

#[server_endpoint("/game")]
struct Game;

impl Game {
    #[on_tick(every = period())]
    fn step(&mut self) {}
}

fn main() {}
