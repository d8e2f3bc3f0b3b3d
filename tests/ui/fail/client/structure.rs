use wsframe::{client_endpoint, on_disconnect, server_endpoint, Retry};

#[client_endpoint]
enum Either {
    A,
}

#[client_endpoint]
struct Generic<T>(T);

#[client_endpoint]
#[server_endpoint("/both")]
struct Both;

#[server_endpoint("/both")]
#[client_endpoint]
struct BothTheOtherWay;

#[client_endpoint]
#[client_endpoint]
struct Twice;

impl Twice {
    #[on_disconnect]
    fn again(&self) -> Retry {
        Retry::Now
    }
}

fn main() {
    let _ = (Either::A, Generic(1), Both, BothTheOtherWay, Twice);
}
