//! The body of a request or of a response, whoever made it.

use std::{
    any::Any,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use crate::message::Error;

/// The body of an HTTP request or response, whatever library it comes from.
///
/// The services around a server speak with it through it: a [`fallback`](crate::Server::fallback)
/// receives it, [layers](crate::Server::layer) see it on both sides,
/// [`HttpService`](crate::HttpService) answers with it. It streams: nothing is collected on the
/// way.
///
/// ```
/// use wsframe::Body;
///
/// let response = http::Response::new(Body::from("hello"));
/// let nothing = Body::default();
/// # let _ = (response, nothing);
/// ```
#[derive(Default)]
pub struct Body(Kind);

type Stream = Pin<Box<dyn http_body::Body<Data = Bytes, Error = Error> + Send>>;

#[derive(Default)]
enum Kind {
    #[default]
    Empty,
    Whole(Bytes),
    Stream(Stream),
}

impl Body {
    /// A body without a byte.
    pub const fn empty() -> Self {
        Self(Kind::Empty)
    }

    /// Wraps any body, without reading it. One that is a `Body` already stays as it is.
    pub fn new<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Error>,
    {
        let mut body = Some(body);
        // Every layer passes its response through here; most leave the body as it was.
        if let Some(same) = (&mut body as &mut dyn Any).downcast_mut::<Option<Self>>() {
            return same.take().unwrap_or_default();
        }
        match body {
            Some(body) if !body.is_end_stream() => Self(Kind::Stream(Box::pin(AnyError { body }))),
            _ => Self::empty(),
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match &mut self.0 {
            Kind::Empty => Poll::Ready(None),
            Kind::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                self.0 = Kind::Empty;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Kind::Stream(stream) => stream.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Empty => true,
            Kind::Whole(_) => false,
            Kind::Stream(stream) => stream.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Empty => SizeHint::with_exact(0),
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Stream(stream) => stream.size_hint(),
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(if bytes.is_empty() { Kind::Empty } else { Kind::Whole(bytes) })
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Empty => f.write_str("Body(empty)"),
            Kind::Whole(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Kind::Stream(_) => f.write_str("Body(stream)"),
        }
    }
}

pin_project_lite::pin_project! {
    /// A body whose errors are ours.
    struct AnyError<B> {
        #[pin]
        body: B,
    }
}

impl<B> http_body::Body for AnyError<B>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<Error>,
{
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.project().body.poll_frame(cx).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use http_body::Body as _;

    use super::*;

    #[test]
    fn a_body_is_wrapped_once_and_an_empty_one_not_at_all() {
        let whole = Body::new(Body::new(Body::from("hello")));
        assert_eq!(format!("{whole:?}"), "Body(5 bytes)");
        assert_eq!(whole.size_hint().exact(), Some(5));
        assert_eq!(format!("{:?}", Body::new(String::new())), "Body(empty)");
        assert_eq!(format!("{:?}", Body::from("")), "Body(empty)");
        let other = Body::new(String::from("hello"));
        assert_eq!(format!("{other:?}"), "Body(stream)");
        assert_eq!(other.size_hint().exact(), Some(5));
        assert!(!other.is_end_stream());
    }
}
