use wsframe::{Failure, OnError, Session, on_error, server_endpoint};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_error]
    fn failed(&mut self, _: &Session) -> OnError {
        OnError::Continue
    }
}

#[server_endpoint("/quiet")]
struct Quiet;

impl Quiet {
    #[on_error]
    fn failed(&mut self, _: &Failure) {}
}

fn main() {}
