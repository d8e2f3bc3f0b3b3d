//! Endpoints in a library: private, in a private module, named by nobody.

mod greeter {
    use wsframe::prelude::*;

    #[server_endpoint("/greet/<name>")]
    struct Greeter {
        name: String,
        #[query]
        times: Option<usize>,
    }

    impl Greeter {
        #[on_message]
        async fn greet(&mut self, greeting: &str, session: &Session) -> wsframe::Result<String> {
            for _ in 1..self.times.unwrap_or(1) {
                session.send(format!("{greeting} {}", self.name)).await?;
            }
            Ok(format!("{greeting} {}", self.name))
        }
    }
}
