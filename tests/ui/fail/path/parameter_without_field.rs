use wsframe::server_endpoint;

#[server_endpoint("/chat/<room>/<rest..>")]
struct Misspelt {
    rooom: String,
    rest: String,
}

#[server_endpoint("/<type>")]
struct Unit;

#[server_endpoint("/chat/<room>")]
struct Tuple(String);

fn main() {}
