//! The load: connections that are kept alive, each with one request at a time, all on the calling thread.
//!
//! It costs little compared with what it measures: requests are rendered beforehand, and an answer is only searched for its
//! end.

use std::{
    cell::Cell,
    net::SocketAddr,
    time::{Duration, Instant},
};

use futures_util::future::try_join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Builder,
    time::timeout,
};

use super::{
    answer::Answer,
    requests::{self, Request},
};
use crate::failure::Failure;

/// How long everything but the measured time may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// One in this many answers is inspected.
const SAMPLE: usize = 16;

/// How a server is loaded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    pub(super) connections: usize,
    /// The approximate length of a request's body.
    pub(super) bytes: usize,
    /// The load ends after this many answers …
    pub(super) max_answers: usize,
    /// … or after this time, whichever comes first.
    pub(super) within: Duration,
    /// Whether the answers are grounded: they hold the name that is in their own prompt.
    pub(super) grounded: bool,
}

/// The outcome of a load.
#[derive(Debug)]
pub(super) struct Loaded {
    /// The number of answers in the measured time.
    pub(super) answers: usize,
    /// The measured time.
    pub(super) time: Duration,
    /// The number of all answers, including those before the measured time.
    pub(super) all: usize,
    /// The length of the last body.
    pub(super) answer_bytes: usize,
}

impl Load {
    /// Loads a server; every answer must be a 200.
    pub(super) fn run(&self, server: SocketAddr) -> Result<Loaded, Failure> {
        let failed = || Failure::new(format!("the server at {server} did not answer as expected"));
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let done = runtime.block_on(async { timeout(self.within + TIMEOUT, self.drive(server)).await });
        match done {
            Ok(done) => done.map_err(|error| failed().because(error)),
            Err(_) => Err(failed().because("it took too long")),
        }
    }

    async fn drive(&self, server: SocketAddr) -> std::io::Result<Loaded> {
        let clients = (0..self.connections).map(|number| Client::connect(server, number, self));
        let mut clients = try_join_all(clients).await?;
        // the first answer of each connection is not measured
        try_join_all(clients.iter_mut().map(Client::ask)).await?;
        let (begun, began) = (Cell::new(0), Instant::now());
        let ask = async |client: &mut Client| {
            while begun.get() < self.max_answers && began.elapsed() < self.within {
                begun.set(begun.get() + 1);
                client.ask().await?;
            }
            std::io::Result::Ok(())
        };
        try_join_all(clients.iter_mut().map(ask)).await?;
        let (answers, time) = (begun.get(), began.elapsed());
        let answer_bytes = clients.last().map_or(0, |client| client.answer_bytes);
        Ok(Loaded { answers, time, all: answers + clients.len(), answer_bytes })
    }
}

/// One connection.
struct Client {
    stream: TcpStream,
    request: Vec<u8>,
    /// The text that an answer must hold.
    name: Option<String>,
    received: Vec<u8>,
    asked: usize,
    answer_bytes: usize,
}

impl Client {
    async fn connect(server: SocketAddr, number: usize, load: &Load) -> std::io::Result<Self> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        let Request { bytes, name } = requests::request(number, load.bytes);
        let name = load.grounded.then_some(name);
        Ok(Self {
            stream,
            request: bytes,
            name,
            received: Vec::with_capacity(4096),
            asked: 0,
            answer_bytes: 0,
        })
    }

    async fn ask(&mut self) -> std::io::Result<()> {
        let failed = |what: &str| Err(std::io::Error::other(what.to_owned()));
        self.received.clear();
        self.stream.write_all(&self.request).await?;
        let answer = loop {
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return failed("the connection closed in the middle of an answer");
            }
            if let Some(answer) = Answer::read(&self.received) {
                break answer;
            }
        };
        if answer.status != 200 {
            return failed(&format!("it answered {}", answer.status));
        }
        let inspect = self.asked.is_multiple_of(SAMPLE);
        self.asked += 1;
        self.answer_bytes = answer.body.len();
        match &self.name {
            Some(name) if inspect && !answer.holds(name) => {
                failed("an answer does not hold the fact of its prompt")
            }
            _ => Ok(()),
        }
    }
}
