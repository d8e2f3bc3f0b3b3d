use wsframe::{on_message, on_open, server_endpoint};

struct Score(u32);

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_open]
    async fn opened(&mut self) -> Result<Score, std::io::Error> {
        Ok(Score(1))
    }

    #[on_message]
    fn said(&mut self, _: String) -> std::time::Duration {
        std::time::Duration::ZERO
    }
}

fn main() {}
