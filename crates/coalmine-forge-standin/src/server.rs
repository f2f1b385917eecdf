//! The server: one thread with its own runtime, so that tests with and without one can use it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request as HttpRequest, State},
    http::{Method, Response, header::AUTHORIZATION},
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::oneshot};

use crate::{
    decode::{decoded, query, token},
    failing::fail,
    fault::Fault,
    gitea, github,
    http::{Asked, Reply, Request},
    model::{Kind, Model},
    seed::StandIn,
};

/// The largest body of a request that is read, in bytes.
const MAX_BODY: usize = 16 << 20;

/// A forge that runs, until it is dropped.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    model: Arc<Mutex<Model>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Serves a forge on a free port of this machine.
    ///
    /// # Panics
    /// No port is free.
    pub(crate) fn serve(model: Model) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a listener that does not block");
        let address = listener.local_addr().expect("an address");
        let model = Arc::new(Mutex::new(model));
        let (stop, stopped) = oneshot::channel();
        let shared = Arc::clone(&model);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let app = Router::new().fallback(answer).with_state((shared, address));
                let listener = TcpListener::from_std(listener).expect("a listener");
                tokio::select! {
                    served = async { axum::serve(listener, app).await } => served.expect("a server"),
                    _ = stopped => {}
                }
            });
        });
        Self { address, model, stop: Some(stop), thread: Some(thread) }
    }

    /// Returns the address of the forge's home page.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.model().prefix)
    }

    /// Returns all requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.model().asked.clone()
    }

    /// Returns the requests so far that were not reads.
    pub fn written(&self) -> Vec<Asked> {
        self.asked().into_iter().filter(|asked| asked.method != "GET").collect()
    }

    /// Adds to what is in the forge.
    pub fn change(&self, change: impl FnOnce(StandIn) -> StandIn) {
        let mut model = self.model();
        *model = change(StandIn::of(model.clone())).into_model();
    }

    /// Makes all further requests fail, until [`Running::mend`].
    pub fn fail(&self, fault: Fault) {
        self.model().faults.push_back((fault, None));
    }

    /// Makes the next requests fail, after the faults that there are already.
    pub fn fail_times(&self, times: u32, fault: Fault) {
        self.model().faults.push_back((fault, Some(times)));
    }

    /// Takes all faults back.
    pub fn mend(&self) {
        let mut model = self.model();
        model.faults.clear();
        model.protection_reads = 0;
    }

    /// Returns the names of a repository's branches with the commits they end with.
    pub fn branches(&self, repository: &str) -> Vec<(String, String)> {
        let mut model = self.model();
        let found = model.repository(repository);
        found.map(|found| found.branches.clone().into_iter().collect()).unwrap_or_default()
    }

    /// Returns a file of a branch or a commit.
    pub fn file(&self, repository: &str, reference: &str, path: &str) -> Option<Vec<u8>> {
        match self.model().repository(repository)?.commit(reference)?.files.get(path)? {
            crate::model::Node::File(content) => Some(content.clone()),
            crate::model::Node::Symlink(_) => None,
        }
    }

    /// Returns the rules of a repository as they are stored.
    pub fn rules(&self, repository: &str) -> Vec<Value> {
        self.model().repository(repository).map(|found| found.rules.clone()).unwrap_or_default()
    }

    fn model(&self) -> MutexGuard<'_, Model> {
        lock(&self.model)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // both can only fail if the server has ended already
        let _ = self.stop.take().map(|stop| stop.send(()));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn lock(model: &Mutex<Model>) -> MutexGuard<'_, Model> {
    model.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(
    State((model, address)): State<(Arc<Mutex<Model>>, SocketAddr)>,
    request: HttpRequest,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await.unwrap_or_default();
    let (reply, fault) = {
        let mut model = lock(&model);
        let asked = Asked {
            method: parts.method.to_string(),
            path: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            body: String::from_utf8_lossy(&body).into_owned(),
            authorized: parts.headers.contains_key(AUTHORIZATION),
        };
        model.asked.push(asked);
        let request = Request {
            segments: vec![],
            path: parts.uri.path().to_owned(),
            query: query(parts.uri.query().unwrap_or_default()),
            body: serde_json::from_slice(&body).unwrap_or_default(),
            token: token(&parts.headers),
            root: format!("http://{address}{}", model.prefix),
            method: parts.method,
        };
        let is_read = request.method == Method::GET;
        let has_written = model.asked.iter().any(|asked| asked.method != "GET");
        let fault = match next_fault(&mut model) {
            Some(Fault::DownAfterWrite) => Some(Fault::Status(503)).filter(|_| is_read && has_written),
            other => other,
        };
        let is_lost = matches!(fault, Some(Fault::Truncated | Fault::Cut | Fault::ShortList) | None);
        (if is_lost { route(&mut model, request) } else { Reply::empty(200) }, fault)
    };
    match fault {
        Some(fault) => fail(fault, reply).await,
        None => respond(reply.clone(), Body::from(reply.body)),
    }
}

/// Returns the fault for this request, and counts it. Faults about protections do not answer by themselves.
fn next_fault(model: &mut Model) -> Option<Fault> {
    let is_answer = |(fault, _): &(Fault, Option<u32>)| {
        !matches!(
            fault,
            Fault::ProtectionChanges { .. } | Fault::StrictChanges { .. } | Fault::ProtectionAppears
        )
    };
    let position = model.faults.iter().position(is_answer)?;
    let (fault, left) = model.faults.get_mut(position)?;
    let fault = *fault;
    match left {
        None => Some(fault),
        Some(1) => {
            model.faults.remove(position);
            Some(fault)
        }
        Some(left) => {
            *left -= 1;
            Some(fault)
        }
    }
}

fn route(model: &mut Model, mut request: Request) -> Reply {
    let below = match model.kind {
        Kind::Gitea => "/api/v1/",
        Kind::GitHub => "/api/v3/",
    };
    let Some(path) = request.path.strip_prefix(&format!("{}{below}", model.prefix)) else {
        return Reply::no_route();
    };
    request.segments = path.split('/').map(decoded).collect();
    match model.kind {
        Kind::Gitea => gitea::route(model, &request),
        Kind::GitHub => github::route(model, &request),
    }
}

/// Returns an answer of the server.
pub(crate) fn respond(reply: Reply, body: Body) -> Response<Body> {
    let mut builder = Response::builder().status(reply.status);
    if !reply.content_type.is_empty() {
        builder = builder.header("content-type", reply.content_type);
    }
    for (name, value) in &reply.headers {
        builder = builder.header(*name, value);
    }
    builder.body(body).unwrap_or_default()
}
