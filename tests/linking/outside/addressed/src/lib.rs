//! Knows the crate by another name, and says it in every attribute.
#![forbid(unsafe_code)]
#![deny(warnings)]

mod echo {
    use ws::prelude::*;

    #[server_endpoint("/addressed/<room>", crate = ws)]
    struct Addressed {
        room: Room,
    }

    impl Addressed {
        #[on_message(crate = ws)]
        async fn said(&self, text: String) {
            self.room.send(text).await;
        }
    }
}
