//! What follows when a connection is lost or a dial fails, on a clock that stands still and over streams
//! in memory.

use std::{
    io,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    sync::mpsc,
    time::Instant,
};
use wsframe::{
    Backoff, Cause, Client, ClientHandle, Close, ConnectError, Disconnect, MessageWriter,
    NotConnected, Retry, Session, Text, client_endpoint,
    http::{HeaderMap, HeaderValue, StatusCode},
    on_close, on_disconnect, on_message, on_open,
};
use wsframe_tests::soon;

const SECOND: Duration = Duration::from_secs(1);
const FIRST: Duration = Duration::from_secs(2);
const CAP: Duration = Duration::from_secs(60);
const STABLE: Duration = Duration::from_secs(30);

fn backoff() -> Backoff {
    Backoff::new().first(FIRST).cap(CAP).stable_after(STABLE)
}

fn lost() -> ConnectError {
    ConnectError::Connect(io::ErrorKind::ConnectionRefused.into())
}

fn refused(status: u16, retry_after: Option<&'static str>) -> ConnectError {
    let mut headers = HeaderMap::new();
    if let Some(value) = retry_after {
        headers.insert("retry-after", HeaderValue::from_static(value));
    }
    let status = StatusCode::from_u16(status).unwrap();
    ConnectError::Refused { status, headers: headers.into(), body: "".into() }
}

/// The other end of all dials.
struct Line {
    dials: Arc<Mutex<Vec<Instant>>>,
    peers: mpsc::UnboundedReceiver<DuplexStream>,
}

impl Line {
    /// A client whose dials come to what `answer` says of each, counted from 0: an error or a stream.
    fn new(
        answer: impl Fn(usize) -> Option<ConnectError> + Send + Sync + 'static,
    ) -> (Client, Self) {
        let (to, peers) = mpsc::unbounded_channel();
        let dials = Arc::new(Mutex::new(Vec::new()));
        let times = dials.clone();
        let client = Client::new("ws://nowhere/").dialled_by(move || {
            let mut times = times.lock().unwrap();
            times.push(Instant::now());
            if let Some(error) = answer(times.len() - 1) {
                return Err(error);
            }
            let (ours, theirs) = tokio::io::duplex(64);
            let _ = to.send(theirs);
            Ok(ours)
        });
        (client, Self { dials, peers })
    }

    async fn peer(&mut self) -> DuplexStream {
        self.peers.recv().await.expect("a dial")
    }

    /// The times between dials.
    fn gaps(&self) -> Vec<Duration> {
        let dials = self.dials.lock().unwrap();
        dials.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }
}

/// Sends a text of less than 126 bytes, as a server.
async fn say(peer: &mut DuplexStream, text: &str) {
    let frame = [&[0x81, text.len() as u8][..], text.as_bytes()].concat();
    peer.write_all(&frame).await.unwrap();
}

/// Sends a close frame; gives what comes until the end.
async fn close(mut peer: DuplexStream, code: u16) -> Vec<u8> {
    peer.write_all(&[&[0x88, 2][..], &code.to_be_bytes()].concat()).await.unwrap();
    let mut read = Vec::new();
    peer.read_to_end(&mut read).await.unwrap();
    read
}

/// Has no say in what follows.
#[client_endpoint(ping_interval = off)]
#[derive(Debug, Default)]
struct Quiet {
    sessions: Vec<Session>,
    closed: usize,
}

impl Quiet {
    #[on_open]
    fn opened(&mut self, session: &Session) {
        self.sessions.push(session.clone());
    }

    #[on_close]
    fn closed(&mut self, session: &Session) {
        assert_eq!(self.sessions.last(), Some(session));
        self.closed += 1;
    }
}

#[tokio::test(start_paused = true)]
async fn the_wait_is_random_and_grows_up_to_the_cap() {
    const DIALS: usize = 200;
    let (client, line) =
        Line::new(|dial| Some(if dial < DIALS { lost() } else { refused(401, None) }));
    let stopped = client.reconnect(backoff()).run(Quiet::default()).await;
    assert_eq!(stopped.last.to_string(), "the server answered 401 Unauthorized");
    assert_eq!(stopped.last.failures() as usize, DIALS + 1);
    let gaps = line.gaps();
    assert_eq!(gaps.len(), DIALS);
    for (gap, most) in gaps.iter().zip([2, 4, 8, 16, 32].into_iter().chain([60; DIALS])) {
        // Tokio's clock counts whole milliseconds.
        assert!(*gap <= SECOND * most + Duration::from_millis(1), "{gap:?} of {most} s");
    }
    // Full jitter: anything between nothing and the most, and 30 s in the middle.
    let late = &gaps[5..];
    let mean = late.iter().sum::<Duration>() / late.len() as u32;
    assert!((SECOND * 22..SECOND * 38).contains(&mean), "{mean:?}");
    assert!(late.iter().any(|gap| *gap < SECOND * 10), "{late:?}");
    assert!(late.iter().any(|gap| *gap > SECOND * 50), "{late:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_is_left_alone_as_long_as_it_asks() {
    let answers = |dial| {
        Some(match dial {
            0 => refused(503, Some("120")),
            1 => refused(429, Some("90")),
            2 => refused(500, Some("1000")),
            3 => refused(503, Some("4000000000")),
            _ => refused(404, Some("1")),
        })
    };
    let (client, line) = Line::new(answers);
    client.reconnect(backoff()).run(Quiet::default()).await;
    let gaps = line.gaps();
    for (gap, (least, more)) in gaps.iter().zip([(120, 2), (90, 4), (0, 8), (3600, 16)]) {
        let most = SECOND * (least + more) + Duration::from_millis(1);
        assert!(*gap >= SECOND * least && *gap <= most, "{gap:?}, {least} s");
    }
    assert_eq!(gaps.len(), 4);
}

/// Nobody asked for it, so nothing is dialled twice.
#[tokio::test(start_paused = true)]
async fn without_a_word_there_is_one_dial() {
    let (client, line) = Line::new(|_| Some(lost()));
    let stopped = client.run(Quiet::default()).await;
    assert!(stopped.last.is_transient());
    assert_eq!(line.gaps().len(), 0);
    let (client, mut line) = Line::new(|_| None);
    let running = tokio::spawn(client.run(Quiet::default()));
    drop(line.peer().await);
    assert_eq!(soon("the end", running).await.unwrap().endpoint.closed, 1);
    assert_eq!(line.gaps().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn one_object_sees_all_connections_until_one_ends_on_purpose() {
    let (client, mut line) = Line::new(|_| None);
    let running = tokio::spawn(client.reconnect(backoff()).run(Quiet::default()));
    for code in [1001, 1011, 1012, 1013] {
        close(line.peer().await, code).await;
    }
    drop(line.peer().await); // no close frame at all
    close(line.peer().await, 1000).await;
    let stopped = soon("the end", running).await.unwrap();
    assert_eq!(stopped.last.to_string(), "1000");
    let Quiet { sessions, closed } = stopped.endpoint;
    assert_eq!((sessions.len(), closed), (6, 6));
    for (i, session) in sessions.iter().enumerate() {
        assert!(!session.is_open() && !sessions[..i].contains(session));
    }
}

/// A session that lived begins anew, one that was thrown out at once does not.
#[tokio::test(start_paused = true)]
async fn stability_resets_the_back_off() {
    let (client, mut line) = Line::new(|dial| (dial < 10).then(lost));
    let failures = Arc::new(Mutex::new(Vec::new()));
    let handle = client.reconnect(backoff()).start(Failures(failures.clone()));
    let told = |peer: DuplexStream, lives: Duration| async move {
        tokio::time::sleep(lives).await;
        drop(peer);
    };
    told(line.peer().await, STABLE - SECOND).await;
    told(line.peer().await, STABLE).await;
    told(line.peer().await, Duration::ZERO).await;
    let last = line.peer().await;
    handle.close(Close::normal());
    drop(last);
    let _ = soon("the end", handle.stopped()).await;
    let gaps = line.gaps();
    assert!(gaps[11] - STABLE <= FIRST + Duration::from_millis(1), "{gaps:?}");
    assert_eq!(*failures.lock().unwrap(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1]);
}

/// Tells how many failures there were in a row.
#[client_endpoint(ping_interval = off)]
struct Failures(Arc<Mutex<Vec<u32>>>);

impl Failures {
    #[on_disconnect]
    fn count(&self, disconnect: &Disconnect) -> Retry {
        self.0.lock().unwrap().push(disconnect.failures());
        Retry::Default
    }
}

/// Decides as it was told.
#[client_endpoint(ping_interval = off)]
#[derive(Debug, Default)]
struct Decided {
    next: Vec<Retry>,
    seen: Vec<String>,
    unsent: Vec<(usize, usize)>,
}

impl Decided {
    fn new(mut next: Vec<Retry>) -> Self {
        next.reverse();
        Self { next, ..Self::default() }
    }

    #[on_disconnect]
    async fn next(&mut self, disconnect: &Disconnect) -> Retry {
        tokio::task::yield_now().await;
        self.seen.push(disconnect.to_string());
        let unsent = disconnect.unsent();
        assert_eq!(unsent.is_empty(), unsent.bytes() == 0);
        self.unsent.push((unsent.messages(), unsent.bytes()));
        self.next.pop().expect("as ordered")
    }

    #[on_message]
    async fn queue(&self, number: usize, session: &Session) {
        for _ in 0..number {
            session.send("0123456789").await.unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_object_decides() {
    let hour = SECOND * 3600;
    let next = vec![
        Retry::Now,
        Retry::After(hour),
        Retry::Backoff,
        Retry::Default, // no back-off is set: the end
    ];
    let (client, mut line) = Line::new(|dial| match dial {
        0 => Some(refused(401, None)),
        1 => Some(ConnectError::InvalidUrl("as ordered")),
        2 => None,
        _ => Some(lost()),
    });
    let running = tokio::spawn(client.run(Decided::new(next)));
    close(line.peer().await, 4000).await;
    let stopped = soon("the end", running).await.unwrap();
    let gaps = line.gaps();
    assert_eq!(gaps.len(), 3, "{gaps:?}");
    assert_eq!((gaps[0], gaps[1]), (Duration::ZERO, hour));
    let seen = [
        "the server answered 401 Unauthorized",
        "the URL cannot be dialled: as ordered",
        "4000",
        "cannot connect: connection refused",
    ];
    assert_eq!(stopped.endpoint.seen, seen);
}

/// What is queued when the connection breaks is counted, and not sent to the next.
#[tokio::test(start_paused = true)]
async fn what_was_not_sent_is_reported_and_not_repeated() {
    let (client, mut line) = Line::new(|_| None);
    let next = vec![Retry::Now, Retry::Now, Retry::Now, Retry::Stop];
    let running = tokio::spawn(client.run(Decided::new(next)));
    // Each message is a frame of 16 bytes: four fill the stream.
    let mut first = line.peer().await;
    say(&mut first, "10").await;
    tokio::time::sleep(SECOND).await; // all else waits
    drop(first);
    // The close frame is no message. The peer reads nothing, so it waits behind them.
    let mut second = line.peer().await;
    say(&mut second, "6").await;
    tokio::time::sleep(SECOND).await;
    second.write_all(&[0x88, 2, 0x0f, 0xa0]).await.unwrap();
    let mut third = line.peer().await;
    say(&mut third, "3").await;
    let mut read = [0; 48];
    third.read_exact(&mut read).await.unwrap();
    drop(third);
    let read = close(line.peer().await, 1000).await;
    assert_eq!(read.len(), 8, "a close frame and nothing else: {read:?}");
    let unsent = soon("the end", running).await.unwrap().endpoint.unsent;
    assert_eq!(unsent[0], (6, 96));
    assert_eq!(unsent[1].0, 2);
    assert_eq!(unsent[2..], [(0, 0), (0, 0)]);
}

/// Leaves a message without its end.
#[client_endpoint(ping_interval = off)]
#[derive(Default)]
struct Begins {
    writer: Option<MessageWriter<Text>>,
}

impl Begins {
    #[on_message]
    async fn begin(&mut self, _: Text, session: &Session) {
        let mut writer = session.begin_text().await.unwrap();
        writer.send("piece").await.unwrap();
        self.writer = Some(writer);
        session.try_send("0123456789").unwrap();
    }
}

/// So does what waits for the end of a message in pieces.
#[tokio::test(start_paused = true)]
async fn what_waits_behind_a_message_in_pieces_is_reported() {
    let (client, mut line) = Line::new(|_| None);
    let running = tokio::spawn(client.run(Begins::default()));
    let mut peer = line.peer().await;
    say(&mut peer, "now").await;
    peer.read_exact(&mut [0; 11]).await.unwrap();
    drop(peer);
    let unsent = soon("the end", running).await.unwrap().last.unsent();
    assert_eq!((unsent.messages(), unsent.bytes()), (1, 16));
}

#[client_endpoint(ping_interval = off)]
struct Panics;

impl Panics {
    #[on_disconnect]
    fn panic(&mut self) -> Retry {
        panic!("as ordered")
    }
}

#[tokio::test(start_paused = true)]
async fn who_panics_over_it_is_given_back_and_dials_no_more() {
    let (client, line) = Line::new(|_| Some(lost()));
    let stopped = client.reconnect(backoff()).run(Panics).await;
    let Panics = stopped.endpoint;
    assert!(matches!(stopped.last.cause(), Cause::Failed(ConnectError::Connect(_))));
    assert!(line.gaps().is_empty());
}

/// While there is no connection a handle says so, and an end is an end at once.
#[tokio::test(start_paused = true)]
async fn a_handle_knows_whether_there_is_a_connection() {
    let answers = |dial| match dial {
        1 => None,
        2 => Some(refused(503, Some("3000"))),
        _ => Some(lost()),
    };
    let (client, mut line) = Line::new(answers);
    let handle = client.reconnect(backoff()).start(Quiet::default());
    assert_eq!(handle.session(), Err(NotConnected::Connecting));
    let first = handle.opened().await.unwrap();
    assert_eq!(handle.session(), Ok(first.clone()));
    drop(line.peer().await);
    first.closed().await;
    assert_eq!(handle.session(), Err(NotConnected::Connecting));
    assert!(first.send("too late").await.is_err());
    let again = tokio::time::timeout(SECOND * 2000, handle.opened()).await;
    assert!(again.is_err(), "{again:?}");
    let before = Instant::now();
    handle.close(Close::normal());
    let last = handle.stopped().await.expect("a disconnect");
    assert_eq!(before.elapsed(), Duration::ZERO);
    assert_eq!(last.retry_after(), Some(SECOND * 3000));
    assert_eq!(handle.session(), Err(NotConnected::Stopped));
}

/// A dial that comes through while it is told to stop is closed again, with the close that came first.
#[tokio::test(start_paused = true)]
async fn a_close_in_the_moment_of_the_dial_is_not_lost() {
    let told = Arc::new(OnceLock::<ClientHandle>::new());
    let handle = told.clone();
    let (client, mut line) = Line::new(move |_| {
        let handle = handle.get().expect("it dials in its own task");
        handle.close(Close::new(4001, ""));
        handle.close(Close::new(4002, ""));
        None
    });
    let handle = told.get_or_init(|| client.reconnect(backoff()).start(Quiet::default()));
    let mut peer = line.peer().await;
    let mut frame = [0; 8];
    soon("a close frame", peer.read_exact(&mut frame)).await.unwrap();
    let code = [frame[6] ^ frame[2], frame[7] ^ frame[3]];
    assert_eq!((frame[0], u16::from_be_bytes(code)), (0x88, 4001));
    drop(peer);
    soon("the end", handle.stopped()).await.expect("a session was open");
    assert!(line.gaps().is_empty());
}

/// A decision that never comes is given up too.
#[client_endpoint(ping_interval = off)]
struct Undecided(mpsc::UnboundedSender<()>);

impl Undecided {
    #[on_disconnect]
    async fn think(&mut self) -> Retry {
        let _ = self.0.send(());
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn who_never_decides_keeps_nobody_from_the_end() {
    let (client, _line) = Line::new(|_| Some(lost()));
    let (to, mut thinks) = mpsc::unbounded_channel();
    let handle = client.start(Undecided(to));
    thinks.recv().await.unwrap();
    handle.close(Close::normal());
    soon("the end", handle.stopped()).await;
}

/// A blocking handler that outlives its connection has the object; the next dial waits for it.
#[client_endpoint(ping_interval = off, finish_within = "0s")]
struct Slow {
    closed: usize,
    began: mpsc::UnboundedSender<std::sync::mpsc::Sender<()>>,
}

impl Slow {
    #[on_message(blocking)]
    fn block(&mut self, _: String) {
        let (release, released) = std::sync::mpsc::channel();
        self.began.send(release).unwrap();
        let _ = released.recv();
    }

    #[on_close]
    fn closed(&mut self) {
        self.closed += 1;
    }
}

#[tokio::test]
async fn a_handler_that_blocks_keeps_the_object() {
    let (client, mut line) = Line::new(|_| None);
    let (began, mut begins) = mpsc::unbounded_channel();
    let client = client.reconnect(backoff().first(Duration::ZERO));
    let running = tokio::spawn(client.run(Slow { closed: 0, began }));
    let mut peer = line.peer().await;
    say(&mut peer, "block").await;
    let release = soon("the handler", begins.recv()).await.unwrap();
    drop(peer);
    let none = tokio::time::timeout(Duration::from_millis(50), line.peers.recv()).await;
    assert!(none.is_err(), "two connections have the object");
    release.send(()).unwrap();
    close(soon("the next dial", line.peer()).await, 1000).await;
    assert_eq!(soon("the end", running).await.unwrap().endpoint.closed, 2);
}
