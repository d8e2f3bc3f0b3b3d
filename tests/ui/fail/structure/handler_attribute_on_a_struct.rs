use wsframe::{on_close, on_message, on_open};

#[on_open]
struct Chat;

#[on_message]
impl Chat {}

#[on_close]
fn left() {}

fn main() {}
