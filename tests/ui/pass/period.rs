//! The period of `#[on_tick]` as a constant of the user's.
#![deny(warnings)]

use std::time::Duration;

use wsframe::{Endpoint, on_tick, server_endpoint};

#[server_endpoint("/game")]
struct Game;

impl Game {
    const STEP: Duration = Duration::from_millis(50);

    #[on_tick(every = Self::STEP.saturating_mul(2))]
    fn step(&mut self) {}
}

#[server_endpoint("/clock")]
struct Clock;

impl Clock {
    #[on_tick(every = Game::STEP)]
    fn tick(&mut self) {}
}

#[server_endpoint("/still")]
struct Still;

fn main() {
    assert_eq!(Clock::TICK, Some(Game::STEP));
    assert_eq!(Still::TICK, None);
}
