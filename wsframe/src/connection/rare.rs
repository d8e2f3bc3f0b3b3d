//! What comes beside whole messages: pieces, ticks and events.
//!
//! Each has a future of its own, in a box, and only where the endpoint declares that it takes such a
//! thing: the others carry none of it, and none of it is compiled for them.

use std::{
    future::{Future, ready},
    pin::{Pin, pin},
};

use super::{
    attend::{Attended, attend},
    life::settle,
    piecewise,
    state::{Connection, Next},
};
use crate::{
    endpoint::{Endpoint, Incoming, Intake, Part},
    message::MessageKind,
    session::{Event, Failed, Session},
    wire::Piece,
};

type Handled<'a> = Pin<Box<dyn Future<Output = bool> + Send + 'a>>;

/// `false` when no further message is to be handled.
pub(super) fn handle<'a, E: Endpoint>(
    endpoint: &'a mut E,
    connection: &'a mut Connection,
    session: &'a Session,
    next: Next,
) -> Handled<'a> {
    match next {
        Next::Piece(piece) if const { piecewise::<E>().any() } => {
            Box::pin(on_piece(endpoint, connection, session, *piece))
        }
        Next::Tick if const { E::TICK.is_some() } => {
            Box::pin(on_tick(endpoint, connection, session))
        }
        Next::Event(event) => match event.downcast() {
            Ok(Failed(error)) => {
                let failed = Attended::Done(Err(error));
                Box::pin(settle(endpoint, connection, session, None, failed))
            }
            Err(event) if const { E::EVENT.is_some() } => {
                Box::pin(on_event(endpoint, connection, session, event))
            }
            Err(_) => Box::pin(ready(true)),
        },
        _ => Box::pin(ready(true)),
    }
}

async fn on_piece<E: Endpoint>(
    endpoint: &mut E,
    connection: &mut Connection,
    session: &Session,
    piece: Piece,
) -> bool {
    let kind = piece.message.kind();
    let intake = match kind {
        MessageKind::Text => E::TEXT_INTAKE,
        _ => E::BINARY_INTAKE,
    };
    let incoming = if intake == Intake::Reader {
        Incoming::Reader(connection.open_reader(piece, session))
    } else {
        Incoming::Part(Part::new(piece.message, piece.last))
    };
    let attended = {
        let handler = pin!(endpoint.on_incoming(session, incoming));
        attend(handler, connection, session).await
    };
    settle(endpoint, connection, session, Some(kind), attended).await
}

async fn on_tick<E: Endpoint>(
    endpoint: &mut E,
    connection: &mut Connection,
    session: &Session,
) -> bool {
    let attended = {
        let handler = pin!(endpoint.on_tick(session));
        attend(handler, connection, session).await
    };
    settle(endpoint, connection, session, None, attended).await
}

async fn on_event<E: Endpoint>(
    endpoint: &mut E,
    connection: &mut Connection,
    session: &Session,
    event: Event,
) -> bool {
    let attended = {
        let handler = pin!(endpoint.on_event(session, event));
        attend(handler, connection, session).await
    };
    settle(endpoint, connection, session, None, attended).await
}
