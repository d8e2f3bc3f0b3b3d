//! What wsframe promises, tried from the outside: one module per promise.

mod annotated;
mod attributes;
mod blocking;
mod closing;
mod coders;
mod errors;
mod frames;
mod handshake;
mod heartbeat;
mod history;
mod http;
mod interop;
mod layers;
mod mounted;
mod order;
mod payloads;
mod pieces;
mod replies;
mod rooms;
mod sending;
mod serving;
mod startup;
mod work;
