//! An endpoint of the user's around an annotated one, which it passes everything on to.

use std::{any::TypeId, time::Duration};

use wsframe::{Endpoint, Event, Incoming, Intake, MessageKinds, Part, StateKey, prelude::*};
use wsframe_tests::{Client, request, serve};

/// Has a handler for everything.
#[server_endpoint("/around")]
struct Inner {
    ticks: u32,
}

impl Inner {
    #[on_handshake]
    async fn admit(&self, handshake: &mut Handshake) -> Result<(), Refusal> {
        match handshake.uri().query() {
            Some("refuse") => Err(Refusal::forbidden("not you")),
            _ => Ok(()),
        }
    }

    #[on_open]
    async fn opened(&self) -> &'static str {
        "opened"
    }

    #[on_tick(every = "1ms")]
    fn tick(&mut self) -> Option<&'static str> {
        self.ticks += 1;
        (self.ticks == 1).then_some("tick")
    }

    #[on_event]
    fn told(&mut self, number: u32) -> String {
        format!("told {number}")
    }

    #[on_message]
    fn text(&self, text: &str, session: &Session) -> wsframe::Result {
        match text {
            "tell" => session.tell(7_u32)?,
            _ => return Err("as ordered".into()),
        }
        Ok(())
    }

    #[on_message]
    fn part(&self, part: &Part<Bytes>) -> Option<String> {
        part.last.then(|| format!("last of {}", part.payload.len()))
    }

    #[on_error]
    fn failed(&self, failure: &Failure) -> OnError {
        OnError::Close(Close::new(4000, failure.to_string()))
    }
}

/// Passes everything on, in whatever form: as an `async fn`, and as the future itself.
struct Outer<E>(E);

impl<E: Endpoint> Endpoint for Outer<E> {
    const PATH: &'static str = E::PATH;
    const BLOCKING: MessageKinds = E::BLOCKING;
    const TEXT_INTAKE: Intake = E::TEXT_INTAKE;
    const BINARY_INTAKE: Intake = E::BINARY_INTAKE;
    const TICK: Option<Duration> = E::TICK;
    const EVENT: Option<TypeId> = E::EVENT;

    fn states() -> Vec<StateKey> {
        E::states()
    }

    async fn bind(handshake: &mut Handshake) -> Result<Self, Refusal> {
        E::bind(handshake).await.map(Self)
    }

    async fn on_handshake(&mut self, handshake: &mut Handshake) -> Result<(), Refusal> {
        self.0.on_handshake(handshake).await
    }

    async fn on_open(&mut self, session: &Session) -> wsframe::Outcome {
        self.0.on_open(session).await
    }

    fn on_message(
        &mut self,
        session: &Session,
        message: Message,
    ) -> impl Future<Output = wsframe::Outcome> + Send {
        self.0.on_message(session, message)
    }

    fn on_incoming<'a>(
        &'a mut self,
        session: &'a Session,
        incoming: Incoming,
    ) -> impl Future<Output = wsframe::Outcome> + Send + 'a {
        self.0.on_incoming(session, incoming)
    }

    async fn on_tick(&mut self, session: &Session) -> wsframe::Outcome {
        self.0.on_tick(session).await
    }

    async fn on_event(&mut self, session: &Session, event: Event) -> wsframe::Outcome {
        self.0.on_event(session, event).await
    }

    async fn on_error(&mut self, session: &Session, failure: &Failure) -> OnError {
        self.0.on_error(session, failure).await
    }
}

#[tokio::test]
async fn every_handler_of_an_annotated_endpoint_can_be_called_from_outside() {
    let server = Server::new().without_link_time().endpoint::<Outer<Inner>>();
    let server = serve(server).await;
    let refused = Client::ask(server.addr, request("/around?refuse", "")).await;
    assert_eq!(refused.status, 403);
    let mut client = Client::open(server.addr, "/around").await;
    assert_eq!(client.expect_text().await, "opened");
    assert_eq!(client.expect_text().await, "tick");
    client.text("tell").await;
    assert_eq!(client.expect_text().await, "told 7");
    client.send(0x02, "12").await;
    client.send(0x80, "345").await;
    let last = client.expect_text().await;
    assert!(last.starts_with("last of "), "{last}");
    client.text("fail").await;
    assert_eq!(client.expect_close().await, (4000, "as ordered".into()));
}
