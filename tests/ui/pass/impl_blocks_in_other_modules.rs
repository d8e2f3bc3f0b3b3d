//! Handlers may be spread over `impl` blocks and modules; private ones too.
#![deny(warnings)]

use wsframe::{on_close, server_endpoint};

#[server_endpoint("/split")]
struct Split {
    pub(crate) said: u32,
}

impl Split {
    #[on_close]
    fn left(&mut self) {}
}

mod talking {
    use wsframe::on_message;

    use super::Split;

    impl Split {
        #[on_message]
        fn said(&mut self, _: String) {
            self.said += 1;
        }
    }

    pub mod deeper {
        use wsframe::{Session, on_open};

        impl super::super::Split {
            #[on_open]
            async fn opened(&mut self, _: Session) {}
        }
    }
}

fn main() {}
