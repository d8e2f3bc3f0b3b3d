//! Which end of a connection an endpoint is.

/// The side that a struct attribute is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Server,
    Client,
}

impl Side {
    /// The name of its attribute.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Server => "server_endpoint",
            Self::Client => "client_endpoint",
        }
    }
}
