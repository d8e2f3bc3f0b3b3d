use wsframe::{on_close, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_close]
    fn left(&mut self) -> wsframe::Result {
        Ok(())
    }
}

fn main() {}
