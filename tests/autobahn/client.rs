//! What the Autobahn suite's fuzzing server talks to: `run-client.sh` starts it with `AB_URL` and
//! `AB_AGENT` set. Each case is one connection, on which everything is echoed.

use std::env;

use wsframe::{Cause, Deflate, prelude::*};

/// All of it may be compressed; the suite accepts that in groups 12 and 13, each case in its way.
const DEFLATE: Deflate =
    Deflate::new().server_no_context_takeover(false).client_no_context_takeover(false).threshold(0);

/// As large and as fragmented as the suite's largest messages.
#[client_endpoint(max_message_size = "16MiB", max_fragments = 70_000, deflate = DEFLATE)]
struct Echo;

impl Echo {
    #[on_message(text)]
    #[on_message(binary)]
    fn echo(&self, message: Message) -> Message {
        message
    }
}

/// How many cases there are to run.
#[client_endpoint]
struct Count(u32);

impl Count {
    #[on_message]
    fn cases(&mut self, number: u32) {
        self.0 = number;
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (url, agent) = (env::var("AB_URL")?, env::var("AB_AGENT")?);
    let asked = Client::new(format!("{url}/getCaseCount")).run(Count(0)).await;
    let (Count(cases), _) = asked.into_result()?;
    for case in 1..=cases {
        let url = format!("{url}/runCase?case={case}&agent={agent}");
        let stopped = Client::new(url).run(Echo).await;
        // How it ends is what the suite judges; that it was open at all is not.
        if let Cause::Failed(error) = stopped.last.cause() {
            return Err(format!("case {case}: {error}").into());
        }
    }
    Client::new(format!("{url}/updateReports?agent={agent}")).run(Count(0)).await.into_result()?;
    Ok(())
}
