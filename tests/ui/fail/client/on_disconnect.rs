use wsframe::{
    client_endpoint, on_disconnect, server_endpoint, CloseReason, Disconnect, Retry, Session,
};

#[server_endpoint("/chat")]
struct Chat;

impl Chat {
    #[on_disconnect]
    fn again(&self) -> Retry {
        Retry::Now
    }
}

struct Plain;

impl Plain {
    #[on_disconnect]
    fn again(&self) -> Retry {
        Retry::Now
    }
}

#[client_endpoint]
struct Reason;

impl Reason {
    #[on_disconnect]
    fn again(&self, reason: CloseReason) -> Retry {
        Retry::Now
    }
}

#[client_endpoint]
struct WithSession;

impl WithSession {
    #[on_disconnect(now)]
    fn again(&self, disconnect: &mut Disconnect, session: &Session) -> Retry {
        Retry::Now
    }
}

#[client_endpoint]
struct Nothing;

impl Nothing {
    #[on_disconnect]
    async fn again(&self, _: &Disconnect) {}
}

#[client_endpoint]
struct Another;

impl Another {
    #[on_disconnect]
    fn again(&self) -> bool {
        true
    }
}

#[client_endpoint]
struct Two;

impl Two {
    #[on_disconnect]
    fn again(&self) -> Retry {
        Retry::Now
    }

    #[on_disconnect]
    async fn once_more(&self) -> Retry {
        Retry::Stop
    }
}

fn main() {
    let _ = (Chat, Plain, Reason, WithSession, Nothing, Another, Two);
}
