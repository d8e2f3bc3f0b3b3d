use wsframe::server_endpoint;

struct User;

#[server_endpoint("/chat")]
struct Chat {
    #[extract]
    user: User,
}

fn main() {}
