//! Types that nobody can make a payload of are JSON.

use std::collections::HashMap;

use wsframe::{on_message, server_endpoint};

#[server_endpoint("/a")]
struct List;

impl List {
    #[on_message]
    fn said(&mut self, _: Vec<u32>) {}
}

#[server_endpoint("/b")]
struct Optional;

impl Optional {
    #[on_message]
    fn said(&mut self, _: Option<String>) {}
}

#[server_endpoint("/c")]
struct Map;

impl Map {
    #[on_message]
    fn said(&mut self, _: &HashMap<String, u8>) {}
}

fn main() {}
