//! A model provider that takes every call and never answers: as long as one waits there, a turn is in flight.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::within;

pub(crate) struct Silence {
    listener: TcpListener,
    /// `OPENAI_BASE_URL=…`, for `--env`.
    pub(crate) variable: String,
}

impl Silence {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let variable = format!("OPENAI_BASE_URL=http://{}/v1", listener.local_addr().unwrap());
        Self { listener, variable }
    }

    /// Waits for a call of the model; it hangs until what is returned is dropped.
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
