use wsframe::client_endpoint;

#[client_endpoint]
struct Bot {
    #[header("x-node")]
    node: String,
    #[default(5)]
    lives: u8,
    plain: u32,
}

fn main() {
    let bot = Bot { node: String::new(), lives: 1, plain: 2 };
    let _ = (bot.node, bot.lives, bot.plain);
}
