//! One mistake, one message: the struct, its fields and its methods are there for the rest of the
//! code.

use wsframe::{Endpoint, Server, Session, on_message, server_endpoint};

#[derive(Clone, Debug)]
#[server_endpoint("/chat/<room>", outbocks = "1MiB")]
struct Chat {
    room: String,
    #[query]
    nick: Option<String>,
}

impl Chat {
    #[on_message]
    fn said(&mut self, text: &mut String, session: &Session) -> usize {
        text.len() + self.room.len() + session.rooms().len()
    }

    fn rename(&mut self, text: &str) {
        self.nick = Some(text.to_owned());
    }
}

fn needs_endpoint<E: Endpoint>(_: &E) {}

fn main() {
    let mut chat = Chat { room: "a".into(), nick: None }.clone();
    chat.rename("ann");
    needs_endpoint(&chat);
    println!("{chat:?} {}", Chat::PATH);
    let _ = Server::new().endpoint::<Chat>();
}
