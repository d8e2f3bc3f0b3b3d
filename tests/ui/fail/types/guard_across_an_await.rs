//! The usual way to a future that is not `Send`.

use std::sync::{Arc, Mutex};

use wsframe::{Session, on_message, server_endpoint};

#[server_endpoint("/chat")]
struct Chat {
    #[state]
    log: Arc<Mutex<Vec<String>>>,
}

impl Chat {
    #[on_message]
    async fn said(&mut self, text: String, session: &Session) -> wsframe::Result {
        let mut log = self.log.lock().unwrap();
        log.push(text.clone());
        session.send(text).await?;
        Ok(())
    }
}

fn main() {}
