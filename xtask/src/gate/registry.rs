//! A registry that keeps the few images that are pushed to it, so that an image has a digest.

use std::process::Command;

use axum::{
    body::Body,
    http::{Method, StatusCode},
    response::Response,
};
use camino::Utf8Path;
use fs_err as fs;

use crate::{failure::Failure, tool};

/// Pushes an image, and returns its name by digest. The engine forgets it, so that it has to pull it.
pub(super) fn push(image: &str, address: &str) -> Result<String, Failure> {
    let name = format!("{address}/coalmine");
    let failed = "could not push the tool's image";
    tool::run_silently(tool::docker().args(["tag", image, &name]), failed)?;
    tool::run_silently(tool::docker().args(["push", "--quiet", &name]), failed)?;
    let format = "{{range .RepoDigests}}{{println .}}{{end}}";
    let digests = tool::output(tool::docker().args(["image", "inspect", "--format", format, &name]), failed)?;
    let pinned = digests.lines().find(|line| line.starts_with(&name)).map(str::to_owned);
    let pinned = pinned.ok_or_else(|| Failure::new(failed).because("it has no digest"))?;
    forget(&name);
    Ok(pinned)
}

/// Removes a name of an image from the engine.
pub(super) fn forget(name: &str) {
    // one that is gone already does no harm
    let _ = tool::docker().args(["image", "rm", "--no-prune", name]).output();
}

/// Answers a request of the engine.
pub(super) fn answer(
    folder: &Utf8Path,
    method: &Method,
    path: &str,
    query: &str,
    body: &[u8],
) -> std::io::Result<Response> {
    let words: Vec<&str> = path.trim_matches('/').split('/').collect();
    match (method, &words[1..]) {
        (&Method::GET, []) => reply(StatusCode::OK, &[], vec![]),
        (&Method::POST, [name, "blobs", "uploads"]) => {
            let id = format!("{:016x}", rand::random::<u64>());
            fs::write(folder.join(&id), "")?;
            reply(StatusCode::ACCEPTED, &[("location", &format!("/v2/{name}/blobs/uploads/{id}"))], vec![])
        }
        (&Method::PATCH | &Method::PUT, [_, "blobs", "uploads", id]) => {
            let file = folder.join(id);
            let mut text = fs::read(&file)?;
            text.extend_from_slice(body);
            fs::write(&file, &text)?;
            let digest = query.split('&').find_map(|pair| pair.strip_prefix("digest="));
            if let Some(digest) = digest.filter(|_| method == Method::PUT) {
                fs::rename(&file, folder.join(plain(digest)))?;
                return reply(StatusCode::CREATED, &[], vec![]);
            }
            let range = format!("0-{}", text.len().saturating_sub(1));
            reply(StatusCode::ACCEPTED, &[("location", path), ("range", &range)], vec![])
        }
        (&Method::PUT, [_, "manifests", tag]) => {
            let digest = sha256(folder, body)?;
            fs::write(folder.join(plain(tag)), body)?;
            fs::write(folder.join(plain(&digest)), body)?;
            reply(StatusCode::CREATED, &[("docker-content-digest", &digest)], vec![])
        }
        (&Method::GET | &Method::HEAD, [_, kind @ ("blobs" | "manifests"), name]) => {
            let Ok(bytes) = fs::read(folder.join(plain(name))) else {
                return reply(StatusCode::NOT_FOUND, &[], vec![]);
            };
            let manifest =
                serde_json::from_slice::<serde_json::Value>(&bytes).ok().filter(|_| *kind == "manifests");
            let media = manifest.as_ref().and_then(|value| value["mediaType"].as_str());
            let digest = sha256(folder, &bytes)?;
            let headers = [
                ("content-type", media.unwrap_or("application/octet-stream")),
                ("docker-content-digest", &digest),
                ("content-length", &bytes.len().to_string()),
            ];
            reply(StatusCode::OK, &headers, if method == Method::HEAD { vec![] } else { bytes })
        }
        _ => reply(StatusCode::NOT_FOUND, &[], vec![]),
    }
}

fn reply(status: StatusCode, headers: &[(&str, &str)], body: Vec<u8>) -> std::io::Result<Response> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Body::from(body)).map_err(std::io::Error::other)
}

/// Returns a digest or a tag as the name of a file.
fn plain(name: &str) -> String {
    name.replace("%3A", ":").chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

fn sha256(folder: &Utf8Path, bytes: &[u8]) -> std::io::Result<String> {
    let file = folder.join(format!("{:016x}", rand::random::<u64>()));
    fs::write(&file, bytes)?;
    let done = Command::new("sha256sum").arg("-b").arg(&file).output()?;
    fs::remove_file(&file)?;
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    Ok(format!("sha256:{}", text.split_whitespace().next().unwrap_or_default()))
}
