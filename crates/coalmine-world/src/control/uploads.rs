//! Uploads: `POST /workspaces/{id}/chat/uploads`, multipart `files=`.

use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Request},
    http::{HeaderMap, header::CONTENT_TYPE},
};
use bytes::Bytes;
use serde_json::json;

use super::{Answered, ControlPlane, answered};

impl ControlPlane {
    /// Keeps the files of a multipart body and answers with their `workspace:` URIs.
    pub(super) async fn take_uploads(&self, workspace: &str, headers: &HeaderMap, body: &[u8]) -> Answered {
        let mut request = Request::new(Body::from(Bytes::copy_from_slice(body)));
        if let Some(content_type) = headers.get(CONTENT_TYPE) {
            request.headers_mut().insert(CONTENT_TYPE, content_type.clone());
        }
        let mut files = vec![];
        match Multipart::from_request(request, &()).await {
            Err(_) => return answered(400, json!({ "error": "the body is no multipart form" })),
            Ok(mut form) => loop {
                match form.next_field().await {
                    Err(_) => return answered(400, json!({ "error": "the multipart form is broken" })),
                    Ok(None) => break,
                    Ok(Some(field)) => {
                        let name = field.file_name().unwrap_or("file").chars().take(300).collect::<String>();
                        let Ok(bytes) = field.bytes().await else {
                            return answered(400, json!({ "error": "the multipart form is broken" }));
                        };
                        match self.keep_upload(workspace, &name, bytes) {
                            Some(upload) => files.push(json!({ "uri": upload.workspace_uri() })),
                            None => return answered(507, json!({ "error": "too many uploads" })),
                        }
                    }
                }
            },
        }
        answered(200, json!({ "files": files }))
    }
}

impl super::Upload {
    /// The platform's own form of link: resolved by the runtime below its workspace's uploads.
    pub fn workspace_uri(&self) -> String {
        format!("workspace:/{}", self.id)
    }

    /// A link that anybody can fetch, below the world's address.
    pub fn signed_path(&self) -> String {
        format!("/workspaces/{}/chat/uploads/{}?signature={}", self.workspace, self.id, self.signature)
    }
}
