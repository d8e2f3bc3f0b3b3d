use wsframe::{on_message, server_endpoint};

#[server_endpoint("/chat")]
struct Chat<T> {
    #[query]
    last: T,
}

impl<T: Send + 'static> Chat<T> {
    #[on_message]
    fn said(&mut self, _: String) {}
}

#[server_endpoint("/borrowed")]
struct Borrowed<'a> {
    last: &'a str,
}

fn main() {}
