//! The bare handler: axum reads a request as JSON and answers with a constant.

use std::net::Ipv4Addr;

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderName, header::CONTENT_TYPE},
    routing::post,
};
use clap::Args;
use serde_json::Value;
use tokio::{net::TcpListener, runtime::Builder};

use super::requests::CHAT;
use crate::{failure::Failure, printer::Printer};

#[derive(Debug, Args)]
pub(crate) struct BareArguments {
    /// The length of the answer
    answer_bytes: usize,
}

/// Serves until it is killed, with as many threads as `coalmine` has. The address is the first line on stdout.
pub(crate) fn bare(arguments: &BareArguments, printer: &mut Printer) -> Result<(), Failure> {
    let constant = Bytes::from(vec![b' '; arguments.answer_bytes]);
    let app = Router::new().route(CHAT, post(answer)).with_state(constant);
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        printer.result(listener.local_addr()?);
        Ok(axum::serve(listener, app).await?)
    })
}

async fn answer(
    State(constant): State<Bytes>,
    Json(_): Json<Value>,
) -> ([(HeaderName, &'static str); 1], Bytes) {
    ([(CONTENT_TYPE, "application/json")], constant)
}
