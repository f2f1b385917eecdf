//! A model provider that accepts every call and never answers, so that a turn stays in flight.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::within;

pub(crate) struct HangingModel {
    listener: TcpListener,
    /// The value of `--env` that points a runtime at this provider.
    pub(crate) variable: String,
}

impl HangingModel {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let variable = format!("OPENAI_BASE_URL=http://{}/v1", listener.local_addr().unwrap());
        Self { listener, variable }
    }

    /// Waits for a model call. It hangs until the returned stream is dropped.
    pub(crate) async fn call(&self) -> TcpStream {
        loop {
            let (mut call, _) = within("a call of the model", self.listener.accept()).await.unwrap();
            let mut head = [0; 4];
            within("the call's head", call.read_exact(&mut head)).await.unwrap();
            if head == *b"POST" {
                return call;
            }
            call.write_all(b"HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        }
    }
}
