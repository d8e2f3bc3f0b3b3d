//! The task that runs one connection, from the open socket to its end.
//!
//! It has two layers. The outer one ([`driver`]) begins and ends every turn: after each poll of
//! the inner layer it flushes the outbox, so a handler that waits stops nothing that is to be
//! sent. The inner one ([`life`]) reads, decodes and calls the endpoint; while a handler waits it
//! reads on, answers pings and follows the closing handshake ([`state`]).

mod assembly;
mod attend;
mod blocking;
mod driver;
mod ending;
mod failure;
mod heartbeat;
mod inbound;
mod life;
mod meter;
mod rare;
mod receiver;
mod state;
mod transport;

use std::{future::Future, pin::Pin};

use tokio::task::JoinHandle;

use self::{blocking::Blocking, driver::Driver, state::Connection};
pub(crate) use self::{heartbeat::sweep, transport::Transport};
use crate::{
    endpoint::{Endpoint, Intake},
    session::Session,
    wire::Piecewise,
};

/// One connection, from the open socket to its end.
///
/// Boxed and erased: the task's cell then takes the least there is, and the future as much as this
/// endpoint needs. Spawned as it is, both would be rounded up to the next 128 bytes.
type Driving = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs `endpoint` over an open socket in a task of its own.
pub(crate) fn start<E: Endpoint>(
    endpoint: E,
    session: Session,
    transport: Transport,
) -> JoinHandle<()> {
    tokio::spawn(drive(endpoint, session, transport))
}

/// Runs `endpoint` over an open socket in the task that awaits this.
pub(crate) fn drive<E: Endpoint>(endpoint: E, session: Session, transport: Transport) -> Driving {
    // Decided while compiling: an endpoint pays nothing for what another one does.
    if const { E::BLOCKING.is_empty() } {
        driving(endpoint, session, transport)
    } else {
        driving(Blocking::new(endpoint), session, transport)
    }
}

/// The kinds of messages that the endpoint does not take whole.
const fn piecewise<E: Endpoint>() -> Piecewise {
    Piecewise {
        text: !matches!(E::TEXT_INTAKE, Intake::Whole),
        binary: !matches!(E::BINARY_INTAKE, Intake::Whole),
    }
}

fn driving<E: Endpoint>(endpoint: E, session: Session, transport: Transport) -> Driving {
    heartbeat::begin(&session);
    session.tell_open();
    let connection = Connection::new(transport, &session, piecewise::<E>());
    let life = life::run(endpoint, connection, session.clone());
    Box::pin(Driver::new(life, session))
}

/// What an idle connection weighs is what its task holds: growth has to be seen.
#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use crate::{
        endpoint::{Handshake, Outcome, Reply},
        handshake::Refusal,
        message::Message,
    };

    struct Echo;

    impl Endpoint for Echo {
        const PATH: &'static str = "/";

        async fn bind(_: &mut Handshake) -> Result<Self, Refusal> {
            Ok(Self)
        }

        async fn on_message(&mut self, _: &Session, message: Message) -> Outcome {
            Ok(Reply::message(message))
        }
    }

    fn driver<E, L>(_: impl Fn(E, Connection, Session) -> L) -> usize {
        size_of::<Driver<L>>()
    }

    #[test]
    fn the_task_of_a_connection_does_not_grow() {
        let (driver, connection) = (driver(life::run::<Echo>), size_of::<Connection>());
        println!("driver {driver} bytes, of which the connection {connection}");
        // 24 of them are where a panic outside of a poll is met.
        assert!(driver <= 360, "{driver}");
        assert!(connection <= 96, "{connection}");
    }
}
