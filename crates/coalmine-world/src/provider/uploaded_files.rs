//! Files that are uploaded first and referred to in prompts later: OpenAI's `POST /v1/files`.

use std::{collections::VecDeque, sync::Mutex};

use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Request},
    http::{HeaderMap, Response, header::CONTENT_TYPE},
};
use bytes::Bytes;
use serde_json::json;

use super::{Dialect, Violations, openai_chat::CREATED};
use crate::{
    Arrival, Held, Prompt, PromptFile,
    budget::{Budget, OverBudget},
    http::{self, Refusal},
    lock::lock,
};

/// Maximum number of bytes and of files that are kept; the oldest are dropped first. A prompt may refer to no more
/// bytes either.
const MAX_BYTES: usize = 32 << 20;
const MAX_FILES: usize = 1_000;
/// Maximum length of a file name in characters.
const MAX_NAME: usize = 300;
/// The bytes that a file takes beyond its content.
const OVERHEAD: usize = 2_000;

/// The uploaded files of one run.
#[derive(Debug, Default)]
pub(crate) struct UploadedFiles(Mutex<FileStore>);

#[derive(Debug, Default)]
struct FileStore {
    files: VecDeque<UploadedFile>,
    bytes: usize,
    last_number: u64,
}

#[derive(Debug)]
struct UploadedFile {
    id: String,
    name: String,
    content: Bytes,
    _held: Held,
}

/// The fields of an upload form, as far as they were given.
#[derive(Debug, Default)]
struct UploadForm {
    name: String,
    content: Option<Bytes>,
    purpose: Option<String>,
}

impl UploadForm {
    async fn read(headers: &HeaderMap, body: Bytes) -> Self {
        let mut request = Request::new(Body::from(body));
        if let Some(content_type) = headers.get(CONTENT_TYPE) {
            request.headers_mut().insert(CONTENT_TYPE, content_type.clone());
        }
        let mut read = Self::default();
        let Ok(mut form) = Multipart::from_request(request, &()).await else { return read };
        while let Ok(Some(field)) = form.next_field().await {
            match field.name() {
                Some("file") => {
                    read.name = field.file_name().unwrap_or("upload").chars().take(MAX_NAME).collect();
                    read.content = field.bytes().await.ok();
                }
                Some("purpose") => read.purpose = field.text().await.ok(),
                _ => {}
            }
        }
        read
    }
}

impl FileStore {
    /// Drops the oldest files until one more of this length fits.
    fn make_room(&mut self, length: usize) {
        while self.files.len() >= MAX_FILES || self.bytes.saturating_add(length) > MAX_BYTES {
            let Some(dropped) = self.files.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(dropped.content.len());
        }
    }
}

impl UploadedFiles {
    /// Keeps the file of a multipart form, and responds as the vendor does.
    pub(crate) async fn upload(
        &self,
        dialect: &'static dyn Dialect,
        headers: &HeaderMap,
        body: Bytes,
        id: u64,
        budget: &Budget,
    ) -> Response<Body> {
        let UploadForm { name, content, purpose } = UploadForm::read(headers, body).await;
        let missing = if content.is_none() { "file" } else { "purpose" };
        let (Some(content), Some(purpose)) = (content, purpose) else {
            let message = format!("Missing required parameter: '{missing}'.");
            return dialect.refusal_response(&Refusal::bad_request(message), id);
        };
        let length = content.len();
        let file_id = match self.add(&name, content, budget) {
            Ok(file_id) => file_id,
            Err(over_budget) => return dialect.refusal_response(&over_budget.into(), id),
        };
        http::json(
            200,
            &json!({
                "id": file_id, "object": "file", "bytes": length, "created_at": CREATED, "expires_at": null,
                "filename": name, "purpose": purpose, "status": "processed", "status_details": null,
            }),
        )
    }

    /// Keeps a file and returns its id.
    fn add(&self, name: &str, content: Bytes, budget: &Budget) -> Result<String, OverBudget> {
        let mut store = lock(&self.0);
        store.make_room(content.len());
        let held = budget.take(content.len().saturating_add(OVERHEAD))?;
        store.last_number = store.last_number.saturating_add(1);
        let id = format!("file-{:012}", store.last_number);
        store.bytes = store.bytes.saturating_add(content.len());
        store.files.push_back(UploadedFile { id: id.clone(), name: name.to_owned(), content, _held: held });
        Ok(id)
    }

    /// Puts the content of uploaded files into a prompt that refers to them. A reference to an unknown file
    /// is a violation.
    pub(crate) fn resolve(&self, prompt: &mut Prompt, violations: &Violations) -> Result<(), Refusal> {
        let mut left = MAX_BYTES;
        let files = prompt.messages.iter_mut().flat_map(|message| &mut message.files);
        for file in files.filter(|file| file.arrived == Arrival::Upload) {
            let store = lock(&self.0);
            let Some(uploaded) = store.files.iter().find(|uploaded| uploaded.id == file.text) else {
                let message = format!("No such File object: {}", file.text);
                violations.add(Refusal { status: 404, message })?;
                continue;
            };
            left = left.checked_sub(uploaded.content.len()).ok_or_else(|| Refusal {
                status: 413,
                message: "The files of the request are too large.".into(),
            })?;
            let read = PromptFile::with_content(Arrival::Upload, uploaded.content.to_vec());
            *file = read.named(Some(uploaded.name.clone()), file.mime.take());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Message, Role};

    #[test]
    fn resolves_references() {
        let files = UploadedFiles::default();
        let id = files.add("a.pdf", Bytes::from_static(b"code 42"), &Budget::new(9_000)).unwrap();
        let prompt_with = |id: &str| {
            let file = PromptFile::at_location(Arrival::Upload, id);
            let message = Message { files: vec![file], ..Message::text(Role::User, "see") };
            Prompt { messages: vec![message], ..Prompt::default() }
        };
        let mut prompt = prompt_with(&id);
        files.resolve(&mut prompt, &Violations::default()).unwrap();
        assert_eq!(prompt.question(), "see\na.pdf\ncode 42");
        let unknown = files.resolve(&mut prompt_with("file-x"), &Violations::default());
        assert_eq!(unknown.unwrap_err().status, 404);
    }

    #[test]
    fn drops_the_oldest_first() {
        let files = UploadedFiles::default();
        let budget = Budget::new(usize::MAX);
        for _ in 0..=MAX_FILES {
            files.add("a", Bytes::new(), &budget).unwrap();
        }
        let first = |count| {
            let store = lock(&files.0);
            assert_eq!(store.files.len(), count);
            store.files[0].id.clone()
        };
        assert_eq!(first(MAX_FILES), "file-000000000002");
        for _ in 0..3 {
            files.add("a", vec![b'x'; MAX_BYTES / 2].into(), &budget).unwrap();
        }
        assert_eq!(first(2), format!("file-{:012}", MAX_FILES + 3));
    }

    #[test]
    fn files_take_a_share_of_the_budget() {
        let (files, budget) = (UploadedFiles::default(), Budget::new(10_000));
        files.add("a", vec![b'x'; 5_000].into(), &budget).unwrap();
        assert_eq!(files.add("b", vec![b'x'; 5_000].into(), &budget), Err(OverBudget));
    }

    #[test]
    fn one_file_cannot_be_unpacked_any_number_of_times() {
        let files = UploadedFiles::default();
        let id = files.add("a", vec![b'x'; MAX_BYTES / 2].into(), &Budget::new(usize::MAX)).unwrap();
        let prompt = |times| {
            let file = PromptFile::at_location(Arrival::Upload, &id);
            let message = Message { files: vec![file; times], ..Message::text(Role::User, "see") };
            Prompt { messages: vec![message], ..Prompt::default() }
        };
        assert!(files.resolve(&mut prompt(2), &Violations::default()).is_ok());
        assert_eq!(files.resolve(&mut prompt(3), &Violations::default()).unwrap_err().status, 413);
    }
}
