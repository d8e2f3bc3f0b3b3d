//! The kind is said, but nothing decodes it.

use wsframe::{on_message, server_endpoint};

struct BigDecimal;

#[server_endpoint("/decimal")]
struct Decimal;

impl Decimal {
    #[on_message(text)]
    fn decimal(&self, _: BigDecimal) {}
}

fn main() {}
