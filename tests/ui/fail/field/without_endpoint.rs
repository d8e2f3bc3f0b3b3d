//! The attributes of fields mean something on an endpoint only.

struct Chat {
    #[query]
    nick: String,
}

fn main() {}
