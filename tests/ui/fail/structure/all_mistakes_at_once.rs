use wsframe::{on_message, server_endpoint};

#[server_endpoint("/chat/{room}", outbocks = "1MiB", max_message_size = "64k")]
struct Chat {
    #[header]
    a: String,
    #[query]
    #[state]
    b: String,
}

impl Chat {
    #[on_message]
    fn said(self) {}
}

fn main() {}
