//! Reads the content of a file from the place that the message names.

use std::sync::Arc;

use futures_util::StreamExt as _;
use reqwest::{Client, Response, header::CONTENT_TYPE};
use url::Url;

use super::{Attachment, MAX_FILE_BYTES, decode_base64};
use crate::{
    http::error_chain,
    platform::Platform,
    task::{FilePart, Source},
};

/// Reads files from messages and from the platform, but from no other host.
#[derive(Debug)]
pub(crate) struct Files {
    http: Client,
    platform: Option<Arc<Platform>>,
}

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("{0}")]
    Elsewhere(String),
    #[error("could not fetch the file `{uri}`: {problem}")]
    Unreachable { uri: String, problem: String },
    #[error("could not fetch the file `{0}`: there is no platform, because `PLATFORM_URL` is not set")]
    NoPlatform(String),
    #[error("the file `{0}` is larger than {MAX_FILE_BYTES} bytes")]
    TooLarge(String),
    #[error("the bytes of the file are not base64: {0}")]
    Base64(#[from] base64::DecodeError),
}

impl Files {
    pub(crate) fn new(http: Client, platform: Option<Arc<Platform>>) -> Self {
        Self { http, platform }
    }

    /// Rejects links that lead away from the platform, so that a message cannot make the runtime call any
    /// other host.
    pub(crate) fn check(&self, file: &FilePart) -> Result<(), FileError> {
        match &file.source {
            Source::Inline(_) => Ok(()),
            Source::Link(uri) => self.locate(uri).map(|_| ()),
        }
    }

    /// Reads the content of a file.
    pub(crate) async fn read(&self, file: &FilePart) -> Result<Attachment, FileError> {
        match &file.source {
            Source::Inline(base64) => {
                let name = file.name.clone().unwrap_or_else(|| "file".to_owned());
                Ok(Attachment::new(name, mime_type(file, None), decode_base64(base64)?))
            }
            Source::Link(uri) => self.fetch(file, uri).await,
        }
    }

    fn locate(&self, uri: &str) -> Result<(&Platform, Url), FileError> {
        let platform = self.platform.as_deref().ok_or_else(|| FileError::NoPlatform(uri.to_owned()))?;
        Ok((platform, platform.locate(uri).map_err(FileError::Elsewhere)?))
    }

    async fn fetch(&self, file: &FilePart, uri: &str) -> Result<Attachment, FileError> {
        let failed = |problem| FileError::Unreachable { uri: uri.to_owned(), problem };
        let (platform, url) = self.locate(uri)?;
        let mut request = self.http.get(url.clone());
        if let Some(token) = platform.token().await {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.map_err(|error| failed(error_chain(&error)))?;
        if !response.status().is_success() {
            return Err(failed(format!("the platform answered {}", response.status())));
        }
        let served_as = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let mime_type = mime_type(file, served_as);
        let bytes = read_bounded(response, uri).await?;
        Ok(Attachment::new(file.name.clone().unwrap_or_else(|| last_segment(&url)), mime_type, bytes))
    }
}

async fn read_bounded(response: Response, uri: &str) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    let mut stream = response.bytes_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk
            .map_err(|error| FileError::Unreachable { uri: uri.to_owned(), problem: error_chain(&error) })?;
        if bytes.len() + chunk.len() > MAX_FILE_BYTES {
            return Err(FileError::TooLarge(uri.to_owned()));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn mime_type(file: &FilePart, served_as: Option<&str>) -> String {
    file.mime_type.as_deref().or(served_as).unwrap_or("application/octet-stream").to_owned()
}

fn last_segment(url: &Url) -> String {
    let segment = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
    if segment.is_empty() { "file".to_owned() } else { segment.to_owned() }
}
