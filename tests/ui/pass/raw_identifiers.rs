//! `<type>` is the field `r#type`.
#![deny(warnings)]

use wsframe::{on_message, server_endpoint};

#[server_endpoint("/<type>/<match..>")]
struct r#Raw {
    r#type: String,
    r#match: String,
    #[query]
    r#in: Option<u8>,
}

impl r#Raw {
    #[on_message]
    fn r#loop(&self, r#while: String) -> String {
        format!("{} {} {:?} {}", self.r#type, self.r#match, self.r#in, r#while)
    }
}

fn main() {}
