//! git and a registry of images, served on loopback.

use std::{
    net::TcpListener,
    process::Stdio,
    sync::{Arc, Mutex},
    thread,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
};
use camino::{Utf8Path, Utf8PathBuf};
use tokio::{io::AsyncWriteExt, process::Command};

use super::{registry, runner::TOKEN};
use crate::failure::Failure;

/// The largest body: a layer of an image.
const MAX_BODY: usize = 1 << 30;

/// The server, which lives as long as the process.
#[derive(Debug)]
pub(super) struct Server {
    address: String,
    repositories: Arc<Mutex<Utf8PathBuf>>,
}

/// What a request needs to know.
#[derive(Debug, Clone)]
struct Folders {
    repositories: Arc<Mutex<Utf8PathBuf>>,
    images: Utf8PathBuf,
}

impl Server {
    /// Starts the server. Images are kept below the folder.
    pub(super) fn start(scratch: &Utf8Path) -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?.to_string();
        let images = scratch.join("images");
        fs_err::create_dir_all(&images)?;
        let repositories = Arc::new(Mutex::new(scratch.to_owned()));
        let folders = Folders { repositories: Arc::clone(&repositories), images };
        let runtime = tokio::runtime::Runtime::new()?;
        thread::spawn(move || {
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                axum::serve(listener, Router::new().fallback(answer).with_state(folders)).await
            })
        });
        Ok(Self { address, repositories })
    }

    /// Returns the host and the port.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Serves the repositories below this folder from now on.
    pub(super) fn serve(&self, folder: &Utf8Path) {
        if let Ok(mut served) = self.repositories.lock() {
            folder.clone_into(&mut served);
        }
    }

    /// Returns a port that was free a moment ago.
    pub(super) fn free_port(&self) -> Result<u16, Failure> {
        Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
    }
}

async fn answer(State(folders): State<Folders>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let path = parts.uri.path().to_owned();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    if path.starts_with("/v2/") {
        return registry::answer(&folders.images, &parts.method, &path, &query, &body)
            .unwrap_or_else(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response());
    }
    // only with the header that the workflow has to send
    let given = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if given != Some(&format!("Basic {}", base64(&format!("x-access-token:{TOKEN}")))) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let root = folders.repositories.lock().map(|folder| folder.clone()).unwrap_or_default();
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut git = Command::new("git");
    git.arg("http-backend").env("GIT_PROJECT_ROOT", root).env("GIT_HTTP_EXPORT_ALL", "1");
    let (repository, rest) = repository_of(&path);
    git.env("PATH_INFO", format!("{repository}.git{rest}"));
    git.env("QUERY_STRING", query).env("REQUEST_METHOD", parts.method.as_str());
    git.env("CONTENT_TYPE", text("content-type")).env("HTTP_CONTENT_ENCODING", text("content-encoding"));
    git.env("GIT_PROTOCOL", text("git-protocol")).env("CONTENT_LENGTH", body.len().to_string());
    match cgi(git, body).await {
        Ok(response) => response,
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Returns the repository in a path such as `/acme/template/info/refs`, and the rest.
fn repository_of(path: &str) -> (&str, &str) {
    let at = ["/info/refs", "/git-upload-pack"].iter().find_map(|end| path.find(end)).unwrap_or(path.len());
    path.split_at(at)
}

/// Runs a program of the Common Gateway Interface.
async fn cgi(mut program: Command, body: Bytes) -> std::io::Result<Response> {
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(&body).await?;
    }
    let output = child.wait_with_output().await?.stdout;
    let end = output.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap_or(output.len());
    let mut response = Response::builder();
    for line in String::from_utf8_lossy(&output[..end]).lines() {
        match line.split_once(": ") {
            Some(("Status", status)) => response = response.status(status.get(..3).unwrap_or("500")),
            Some((name, value)) => response = response.header(name, value),
            None => {}
        }
    }
    let rest = output.get(end + 4..).unwrap_or_default().to_vec();
    response.body(Body::from(rest)).map_err(std::io::Error::other)
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}
