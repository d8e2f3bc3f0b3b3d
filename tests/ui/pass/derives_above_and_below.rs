//! Derives work on either side of the attribute, and their helper attributes stay.
#![deny(warnings)]

use wsframe::server_endpoint;

#[derive(Debug, Clone)]
#[server_endpoint("/above/<room>")]
struct Above {
    room: String,
    #[query]
    nick: Option<String>,
}

#[server_endpoint("/below/<room>")]
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
struct Below {
    #[serde(rename = "chamber")]
    room: String,
    #[default(7)]
    level: u8,
}

/// `derive(Default)` takes `#[default(…)]` for its own where it stands above the attribute.
#[server_endpoint("/default")]
#[derive(Default, Debug)]
struct Defaulted {
    #[default(7)]
    level: u8,
}

fn main() {
    println!("{:?}", Defaulted::default().level);
    let above = Above { room: "a".into(), nick: None }.clone();
    println!("{above:?} {:?}", above.nick.as_ref().or(Some(&above.room)));
    println!("{:?}", Below { room: "b".into(), level: 1 }.clone());
}
