//! Files that are uploaded first and named in prompts later: OpenAI's `POST /v1/files`.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Request},
    http::{HeaderMap, Response, header::CONTENT_TYPE},
};
use bytes::Bytes;
use serde_json::json;

use super::{Dialect, Refusal, Violations, openai_chat::CREATED};
use crate::{Arrival, Prompt, PromptFile};

/// Most bytes and most files that are kept; the oldest go first.
const MAX_BYTES: usize = 64 << 20;
const MAX_FILES: usize = 1_000;

/// The files of one run.
#[derive(Debug, Default)]
pub(crate) struct Files(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    files: VecDeque<(String, String, Bytes)>,
    bytes: usize,
    next: u64,
}

impl Files {
    /// Keeps the file of a multipart form, and answers as the vendor does.
    pub(crate) async fn take(
        &self,
        dialect: &'static dyn Dialect,
        headers: &HeaderMap,
        body: Bytes,
        id: u64,
    ) -> Response<Body> {
        let mut request = Request::new(Body::from(body));
        if let Some(content_type) = headers.get(CONTENT_TYPE) {
            request.headers_mut().insert(CONTENT_TYPE, content_type.clone());
        }
        let (mut file, mut purpose) = (None, None);
        if let Ok(mut form) = Multipart::from_request(request, &()).await {
            while let Ok(Some(field)) = form.next_field().await {
                let name = field.file_name().unwrap_or("upload").chars().take(300).collect::<String>();
                match field.name() {
                    Some("file") => file = field.bytes().await.ok().map(|bytes| (name, bytes)),
                    Some("purpose") => purpose = field.text().await.ok(),
                    _ => {}
                }
            }
        }
        let missing =
            |what: &str| dialect.refusal(&Refusal::bad(format!("Missing required parameter: '{what}'.")), id);
        let Some((name, bytes)) = file else { return missing("file") };
        let Some(purpose) = purpose else { return missing("purpose") };
        let length = bytes.len();
        let id = self.keep(&name, bytes);
        super::json(
            200,
            &json!({
                "id": id, "object": "file", "bytes": length, "created_at": CREATED, "expires_at": null,
                "filename": name, "purpose": purpose, "status": "processed", "status_details": null,
            }),
        )
    }

    fn keep(&self, name: &str, bytes: Bytes) -> String {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.next += 1;
        let id = format!("file-{:012}", kept.next);
        kept.bytes += bytes.len();
        kept.files.push_back((id.clone(), name.to_owned(), bytes));
        while kept.files.len() > MAX_FILES || (kept.bytes > MAX_BYTES && kept.files.len() > 1) {
            let gone = kept.files.pop_front().map_or(0, |(_, _, bytes)| bytes.len());
            kept.bytes -= gone;
        }
        id
    }

    /// Puts the content of uploaded files into a prompt that names them; to name an unknown one is a violation.
    pub(crate) fn resolve(&self, prompt: &mut Prompt, violations: &Violations) -> Result<(), Refusal> {
        let files = prompt.messages.iter_mut().flat_map(|message| &mut message.files);
        for file in files.filter(|file| file.arrived == Arrival::Upload) {
            let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let Some((_, name, bytes)) = kept.files.iter().find(|(id, ..)| *id == file.text) else {
                let message = format!("No such File object: {}", file.text);
                violations.add(Refusal { status: 404, message })?;
                continue;
            };
            let read = PromptFile::with_content(Arrival::Upload, bytes.to_vec());
            *file = read.named(Some(name.clone()), file.mime.take());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Message, Role};

    #[test]
    fn an_uploaded_file_is_read_where_it_is_named() {
        let files = Files::default();
        let id = files.keep("a.pdf", Bytes::from_static(b"code 42"));
        let naming = |id: &str| {
            let file = PromptFile::at_place(Arrival::Upload, id);
            let message = Message { files: vec![file], ..Message::text(Role::User, "see") };
            Prompt { messages: vec![message], ..Prompt::default() }
        };
        let mut prompt = naming(&id);
        files.resolve(&mut prompt, &Violations::default()).unwrap();
        assert_eq!(prompt.question(), "see\na.pdf\ncode 42");
        let unknown = files.resolve(&mut naming("file-x"), &Violations::default());
        assert_eq!(unknown.unwrap_err().status, 404);
    }

    #[test]
    fn the_oldest_files_go_first() {
        let files = Files::default();
        for _ in 0..=MAX_FILES {
            files.keep("a", Bytes::new());
        }
        let kept = files.0.lock().unwrap();
        assert_eq!((kept.files.len(), kept.files[0].0.as_str()), (MAX_FILES, "file-000000000002"));
    }
}
