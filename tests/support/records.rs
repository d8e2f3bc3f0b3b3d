//! What is reported through `tracing`, as lines.

use std::{
    cell::RefCell,
    fmt::{Debug, Write},
    sync::Once,
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

thread_local! {
    /// What was reported on this thread, where somebody wants to know.
    static LINES: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Everything that is reported on this thread until it is dropped.
#[derive(Debug)]
#[must_use = "nothing is recorded any more once it is dropped"]
pub struct Records(());

impl Records {
    /// Records from now on. A runtime of one thread runs its tasks here.
    ///
    /// One subscriber for all threads and for good: a report that is made for the first time while
    /// subscribers come and go may be taken for one that nobody wants, by all of them.
    ///
    /// # Panics
    ///
    /// If there is another subscriber.
    pub fn begin() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            tracing::subscriber::set_global_default(Recorder).expect("no other subscriber");
        });
        tracing::callsite::rebuild_interest_cache();
        LINES.set(Some(Vec::new()));
        Self(())
    }

    /// What was reported until now: level, then `name=value` for each field, as they are displayed.
    pub fn all(&self) -> Vec<String> {
        LINES.with_borrow(|lines| lines.clone().unwrap_or_default())
    }
}

impl Drop for Records {
    fn drop(&mut self) {
        LINES.set(None);
    }
}

struct Recorder;

struct Line(String);

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = write!(self.0, " {field}={value}");
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Recorder {
    fn put(&self, metadata: &Metadata<'_>, record: impl FnOnce(&mut Line)) {
        // A report may come while a thread ends.
        if !LINES.try_with(|lines| lines.borrow().is_some()).unwrap_or_default() {
            return;
        }
        let mut line = Line(format!("{} {}", metadata.level(), metadata.name()));
        record(&mut line);
        LINES.with_borrow_mut(|lines| lines.get_or_insert_default().push(line.0));
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("wsframe")
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        self.put(span.metadata(), |line| span.record(line));
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        self.put(event.metadata(), |line| event.record(line));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}
