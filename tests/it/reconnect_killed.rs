//! A server that is killed and restarted, and a client that comes back each time.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use wsframe::{
    Backoff, Cause, Client, Close, Disconnect, Retry, Server, Session, client_endpoint, on_close,
    on_disconnect, on_message, on_open, server_endpoint,
};
use wsframe_tests::soon;

#[server_endpoint("/mortal")]
struct Mortal;

impl Mortal {
    #[on_message]
    fn echo(&self, text: String) -> String {
        text
    }
}

/// A server in a runtime of its own, which takes all its connections with it.
struct Killed(Option<tokio::runtime::Runtime>);

impl Killed {
    fn serve(addr: SocketAddr) -> (Self, SocketAddr) {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let bound = runtime.block_on(Server::new().only::<Mortal>().bind(addr)).expect("a port");
        let addr = bound.local_addr();
        runtime.spawn(bound.run());
        (Self(Some(runtime)), addr)
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_timeout(Duration::from_secs(20));
        }
    }
}

#[client_endpoint]
struct Survivor {
    opened: Arc<AtomicUsize>,
    closed: usize,
}

impl Survivor {
    #[on_open]
    fn opened(&mut self) -> String {
        (self.opened.fetch_add(1, Ordering::Relaxed) + 1).to_string()
    }

    #[on_message]
    fn heard(&mut self, number: usize, session: &Session) {
        assert_eq!(number, self.opened.load(Ordering::Relaxed));
        session.insert(number);
    }

    #[on_close]
    fn closed(&mut self) {
        self.closed += 1;
    }

    #[on_disconnect]
    fn again(&self, disconnect: &Disconnect) -> Retry {
        // A server that dies within an answer is one more way to go.
        match disconnect.cause() {
            Cause::Ended(reason) if reason.code() == 1000 => Retry::Stop,
            _ => Retry::Backoff,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_killed_and_restarted_twenty_times() {
    const LIVES: usize = 20;
    // An address that no other test dials from, so that the port stays free while nobody listens.
    let mut addr = SocketAddr::from(([127, 77, 0, 1], 0));
    let opened = Arc::new(AtomicUsize::new(0));
    let mut running = None;
    let mut last = None;
    for life in 1..=LIVES {
        let (server, bound) =
            tokio::task::spawn_blocking(move || Killed::serve(addr)).await.expect("a server");
        addr = bound;
        let handle = running.get_or_insert_with(|| {
            let quick = Duration::from_millis(5);
            Client::new(format!("ws://{addr}/mortal"))
                .reconnect(Backoff::new().first(quick).cap(quick * 4))
                .start(Survivor { opened: opened.clone(), closed: 0 })
        });
        // The session of the life before may not have noticed yet.
        let heard = async {
            loop {
                let session = handle.opened().await.expect("it goes on");
                if last.as_ref() != Some(&session) && session.get::<usize>().is_some() {
                    break session;
                }
                tokio::task::yield_now().await;
            }
        };
        last = Some(soon("an echo", heard).await);
        assert!(opened.load(Ordering::Relaxed) >= life);
        tokio::task::spawn_blocking(move || drop(server)).await.expect("its end");
    }
    let handle = running.expect("it ran");
    handle.close(Close::normal());
    soon("the end", handle.stopped()).await;
    let tasks = tokio::runtime::Handle::current().metrics();
    soon("every task to end", async {
        while tasks.num_alive_tasks() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
