//! A client that we did not write: tungstenite.

use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};
use wsframe_tests::{probed, soon};

#[tokio::test]
async fn tungstenite_talks_to_us() {
    let (server, mut watch) = probed(|options| options.max_message_size(2 << 20)).await;
    let url = format!("ws://{}/probe", server.addr);
    let (mut client, response) = tokio_tungstenite::connect_async(url).await.unwrap();
    assert_eq!(response.status(), 101);
    watch.opened().await;
    for size in [0, 1, 200, 70_000, 1 << 20] {
        let payload = Message::binary(vec![b'x'; size]);
        client.send(payload.clone()).await.unwrap();
        assert_eq!(soon("the echo", client.next()).await.unwrap().unwrap(), payload);
        watch.message().await;
    }
    client.send(Message::text("echo grüß")).await.unwrap();
    let reply = soon("the echo", client.next()).await.unwrap().unwrap();
    assert_eq!(reply, Message::text("grüß"));
    watch.message().await;
    client.send(Message::Ping("beat".into())).await.unwrap();
    let pong = soon("the pong", client.next()).await.unwrap().unwrap();
    assert_eq!(pong, Message::Pong("beat".into()));
    let bye = CloseFrame { code: CloseCode::Library(4000), reason: "bye".into() };
    client.close(Some(bye.clone())).await.unwrap();
    let answer = soon("the close", client.next()).await.unwrap().unwrap();
    assert_eq!(answer, Message::Close(Some(bye)));
    assert!(soon("the end", client.next()).await.is_none());
    let reason = watch.closed().await;
    assert_eq!((reason.code(), reason.reason()), (4000.into(), "bye"));
}
