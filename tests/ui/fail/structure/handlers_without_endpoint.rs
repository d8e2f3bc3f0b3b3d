use wsframe::{on_message, on_open};

struct Chat;

impl Chat {
    #[on_open]
    async fn opened(&mut self) {}

    #[on_message]
    async fn said(&mut self, text: String) -> String {
        text
    }
}

fn main() {}
