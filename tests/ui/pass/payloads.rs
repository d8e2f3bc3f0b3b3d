//! Every payload that the macro knows, without a kind on the attribute.
#![deny(warnings)]

use wsframe::{Either, Json, MessagePack, Protobuf, on_message, server_endpoint};

macro_rules! texts {
    ($($name:ident: $type:ty),* $(,)?) => {$(
        #[server_endpoint("/")]
        struct $name;

        impl $name {
            #[on_message]
            fn said(&self, value: $type) -> $type {
                value
            }

            /// A second handler shows that the first is one for text.
            #[on_message]
            fn bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
                bytes
            }
        }
    )*};
}

texts!(
    I8: i8, I16: i16, I32: i32, I64: i64, I128: i128, Isize: isize,
    U8: u8, U16: u16, U32: u32, U64: u64, U128: u128, Usize: usize,
    F32: f32, F64: f64, Bool: bool, Char: char, Object: Json<u8>,
    Two: Either<u8, String>, Three: Either<Json<u8>, Either<bool, String>>,
);

macro_rules! binaries {
    ($($name:ident: $type:ty),* $(,)?) => {$(
        #[server_endpoint("/")]
        struct $name;

        impl $name {
            #[on_message]
            fn packed(&self, value: $type) -> $type {
                value
            }

            /// The same: the first is one for binary.
            #[on_message]
            fn said(&self, number: &u8) -> Option<u8> {
                Some(*number)
            }
        }
    )*};
}

binaries!(Packed: MessagePack<(u8, bool)>, Buffer: Protobuf<()>);

fn main() {}
