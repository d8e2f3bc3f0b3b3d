//! Constants of another type than the option's: the compiler says so, at the value.

use std::time::Duration;

use wsframe::server_endpoint;

const SECONDS: u64 = 25;
const BYTES: u32 = 1024;
const WAIT: Option<Duration> = None;

#[server_endpoint("/b", inbound = -1)]
struct Negative;

#[server_endpoint("/a", ping_interval = SECONDS, outbox = BYTES, pong_timeout = WAIT)]
struct Chat;

fn main() {}
