//! Handlers that block, beside others, for every kind.
#![deny(warnings)]

use wsframe::{
    Endpoint, Message, MessageKind, MessageKinds, Pong, Session, on_message, server_endpoint,
};

#[server_endpoint("/some")]
struct Some {
    said: usize,
}

impl Some {
    #[on_message(blocking)]
    fn said(&mut self, text: &str, session: Session) -> Result<usize, wsframe::SendError> {
        session.blocking_send(text.len())?;
        self.said += 1;
        Ok(self.said)
    }

    #[on_message(binary)]
    async fn bytes(&mut self, message: Message) -> Message {
        message
    }
}

mod elsewhere {
    use super::*;

    impl Some {
        #[on_message(blocking)]
        fn pong(&self, _: &Pong) {}
    }
}

#[server_endpoint("/both")]
struct Both;

impl Both {
    #[on_message(text, blocking)]
    #[on_message(blocking, binary)]
    fn said(&self, message: Message) -> Message {
        message
    }

    /// Not there, so it does not block either.
    #[cfg(any())]
    #[on_message(blocking)]
    fn pong(&self, _: &Pong) {}
}

#[server_endpoint("/none")]
struct Nothing;

fn main() {
    const KINDS: MessageKinds = <Some as Endpoint>::BLOCKING;
    assert_eq!(KINDS, MessageKinds::NONE.with(MessageKind::Text).with(MessageKind::Pong));
    assert!(!<Both as Endpoint>::BLOCKING.contains(MessageKind::Pong));
    assert!(<Both as Endpoint>::BLOCKING.contains(MessageKind::Binary));
    assert!(<Nothing as Endpoint>::BLOCKING.is_empty());
    assert_eq!(Both.said("a".into()), "a".into());
}
