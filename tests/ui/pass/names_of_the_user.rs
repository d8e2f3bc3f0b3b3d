//! Nothing that the user has named is in the way, and nothing of ours is in theirs.
#![deny(warnings)]
#![allow(dead_code, unused_imports)]

mod other {
    pub trait Meddle {
        fn said(&mut self, _: String) {}
        fn into_reply(&self) {}
        fn kind(&self) {}
    }

    impl<T> Meddle for T {}
}

use other::Meddle as _;
use wsframe::{on_message, server_endpoint};

struct Either;
struct Future;
struct Send;
struct Vec;
type Result = u8;
type Option = u8;
#[derive(Default)]
struct String;
enum Wrapped {
    Ok,
    Err,
    Some,
    None,
}
#[allow(unused_imports)]
use Wrapped::*;

fn handshake() -> u8 {
    1
}

#[allow(non_camel_case_types)]
#[server_endpoint("/names", ping_interval = "25s", assembly_timeout = off)]
struct self_ {
    #[default(handshake())]
    handshake: u8,
    #[query]
    nick: u8,
    either: std::option::Option<u8>,
    string: String,
    result: Result,
}

#[allow(non_upper_case_globals)]
impl self_ {
    const Output: u8 = 1;

    #[on_message]
    async fn said(&mut self, text: &str) -> std::string::String {
        text.to_owned()
    }

    fn into_reply(&self) {}
}

fn main() {}
