//! Uploads: `POST /workspaces/{id}/chat/uploads` with a multipart body, and `GET` of each file below it.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Request},
    http::{HeaderMap, header::CONTENT_TYPE, request::Parts},
};
use bytes::Bytes;
use serde_json::json;

use super::{ControlPlane, MAX_KEPT, fail, respond};
use crate::{CallKind, Held, http, server::RecordedResponse};

/// Maximum number of characters of a file name.
const MAX_NAME: usize = 300;
/// The bytes that an upload takes beyond its content and its name.
const OVERHEAD: usize = 1_000;

/// A file that was uploaded to the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The workspace that it belongs to.
    pub workspace: String,
    /// The name used in paths.
    pub id: String,
    /// The name as it was given; it is never used as a path.
    pub name: String,
    /// Allows anyone who has it to download the file without a token, as signed links of object stores do.
    pub signature: String,
    /// The content.
    pub bytes: Bytes,
}

/// An upload that is kept, with its share of the budget.
#[derive(Debug)]
pub(super) struct HeldUpload {
    upload: Upload,
    _held: Held,
}

impl Upload {
    /// Returns the platform's own form of link, which the runtime resolves within its workspace's uploads.
    pub fn workspace_uri(&self) -> String {
        format!("workspace:/{}", self.id)
    }

    /// Returns the path of a link, below the world's address, that anyone can fetch.
    pub fn signed_path(&self) -> String {
        format!("/workspaces/{}/chat/uploads/{}?signature={}", self.workspace, self.id, self.signature)
    }
}

impl ControlPlane {
    /// Keeps a file. Returns `None` if there are too many, or if they are too large.
    pub(crate) fn add_upload(&self, workspace: &str, name: &str, bytes: Bytes) -> Option<Upload> {
        let length = [OVERHEAD, workspace.len(), name.len(), bytes.len()].iter().sum();
        let held = self.budget.take(length).ok()?;
        let mut state = self.state();
        if state.uploads.len() >= MAX_KEPT {
            self.budget.count_refusal();
            return None;
        }
        let id = format!("{:06}", state.uploads.len().saturating_add(1));
        let mut hasher = DefaultHasher::new();
        (&self.token, &id).hash(&mut hasher);
        let signature = format!("{:016x}", hasher.finish());
        let upload = Upload { workspace: workspace.to_owned(), id, name: name.to_owned(), signature, bytes };
        state.uploads.push(HeldUpload { upload: upload.clone(), _held: held });
        Some(upload)
    }

    fn find_upload(&self, workspace: &str, id: &str) -> Option<Upload> {
        let state = self.state();
        let mut uploads = state.uploads.iter().map(|kept| &kept.upload);
        uploads.find(|upload| upload.workspace == workspace && upload.id == id).cloned()
    }

    /// Returns whether a request carries the token or the signature of the file.
    pub(super) fn may_download(&self, head: &Parts, workspace: &str, id: &str) -> bool {
        if self.is_authorized(&head.headers) {
            return true;
        }
        let signature = head.uri.query().and_then(|query| query.strip_prefix("signature="));
        let upload = self.find_upload(workspace, id);
        upload.is_some_and(|upload| signature == Some(upload.signature.as_str()))
    }

    /// Sends a file.
    pub(super) fn download(&self, workspace: &str, id: &str) -> RecordedResponse {
        let Some(upload) = self.find_upload(workspace, id) else { return fail(404, "no such upload") };
        let note = format!("{} ({} bytes)", upload.name, upload.bytes.len());
        let response = http::respond(200, "application/octet-stream", upload.bytes);
        RecordedResponse::with_note(CallKind::Control, Some(note), response)
    }

    /// Keeps the files of a multipart body, and responds with their `workspace:` URIs.
    pub(super) async fn receive_uploads(
        &self,
        workspace: &str,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> RecordedResponse {
        let mut request = Request::new(Body::from(body.clone()));
        if let Some(content_type) = headers.get(CONTENT_TYPE) {
            request.headers_mut().insert(CONTENT_TYPE, content_type.clone());
        }
        let Ok(mut form) = Multipart::from_request(request, &()).await else {
            return fail(400, "the body is not a multipart form");
        };
        let mut files = vec![];
        loop {
            let field = match form.next_field().await {
                Ok(Some(field)) => field,
                Ok(None) => break,
                Err(_) => return fail(400, "the multipart form is invalid"),
            };
            let name: String = field.file_name().unwrap_or("file").chars().take(MAX_NAME).collect();
            let Ok(bytes) = field.bytes().await else { return fail(400, "the multipart form is invalid") };
            match self.add_upload(workspace, &name, bytes) {
                Some(upload) => files.push(json!({ "uri": upload.workspace_uri() })),
                None => return fail(507, "the uploads are too many or too large to keep"),
            }
        }
        respond(200, &json!({ "files": files }))
    }
}
