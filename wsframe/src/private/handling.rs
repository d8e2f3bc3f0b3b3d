//! The future of an endpoint's message handlers.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use crate::{Outcome, Reply};

pin_project_lite::pin_project! {
    /// The future of one of the three message handlers, without a box.
    #[project = Projected]
    pub enum Handling<T, B, P> {
        Text {
            #[pin]
            future: T,
        },
        Binary {
            #[pin]
            future: B,
        },
        Pong {
            #[pin]
            future: P,
        },
    }
}

impl<T, B, P> Future for Handling<T, B, P>
where
    T: Future,
    B: Future<Output = T::Output>,
    P: Future<Output = T::Output>,
{
    type Output = T::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            Projected::Text { future } => future.poll(cx),
            Projected::Binary { future } => future.poll(cx),
            Projected::Pong { future } => future.poll(cx),
        }
    }
}

/// Nobody handles such messages.
///
/// A type of its own: its name is short, and stands in that of everything that holds the future.
#[derive(Debug)]
pub struct Unhandled;

impl Future for Unhandled {
    type Output = Outcome;

    #[inline]
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Outcome> {
        Poll::Ready(Ok(Reply::unsupported()))
    }
}
