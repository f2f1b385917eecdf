//! Which dialect a request belongs to. Several vendors have `/v1/models` and `/v1/files`; there the client's
//! credentials decide.

use axum::http::{HeaderMap, Method};

use super::{ALL, Dialect, Route, anthropic, bedrock, gemini, ollama, openai_chat};

/// Returns the dialect of the vendor that the credentials of a request are for. A bearer token may be for any
/// vendor.
pub(crate) fn client_dialect(headers: &HeaderMap, query: &str) -> Option<&'static dyn Dialect> {
    if headers.contains_key("x-goog-api-key") || query.split('&').any(|pair| pair.starts_with("key=")) {
        return Some(&gemini::Gemini);
    }
    let is_anthropic = ["x-api-key", "anthropic-version"].iter().any(|name| headers.contains_key(*name));
    is_anthropic.then_some(&anthropic::Anthropic)
}

/// Returns the dialect that a request belongs to, and what the request is.
pub(crate) fn find_route(
    method: &Method,
    path: &str,
    client: Option<&'static dyn Dialect>,
) -> Option<(&'static dyn Dialect, Route)> {
    match client.filter(|_| is_shared(method, path)) {
        Some(dialect) => Some((dialect, dialect.route(method, path)?)),
        None => ALL.iter().find_map(|dialect| Some((*dialect, dialect.route(method, path)?))),
    }
}

/// Returns the dialect whose errors an unknown path is answered with.
pub(crate) fn closest_dialect(path: &str, client: Option<&'static dyn Dialect>) -> &'static dyn Dialect {
    match path {
        _ if path.starts_with("/v1/messages") => &anthropic::Anthropic,
        _ if path.starts_with("/v1beta/") || path.starts_with("/v1alpha/") => &gemini::Gemini,
        _ if path.starts_with("/model/") => &bedrock::Bedrock,
        _ if path.starts_with("/api/") => &ollama::OllamaChat,
        _ => client.unwrap_or(&openai_chat::OpenAiChat),
    }
}

/// Returns whether several vendors have this path.
fn is_shared(method: &Method, path: &str) -> bool {
    let path = path.strip_prefix("/v1").unwrap_or(path);
    let is_model = method == Method::GET && (path == "/models" || path.starts_with("/models/"));
    is_model || path == "/files" || path.starts_with("/files/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client_of(headers: &[&'static str], query: &str) -> Option<&'static str> {
        let headers = headers.iter().map(|name| ((*name).parse().unwrap(), "x".parse().unwrap())).collect();
        Some(client_dialect(&headers, query)?.name())
    }

    #[test]
    fn knows_clients_by_their_credentials() {
        assert_eq!(client_of(&["x-goog-api-key"], ""), Some("gemini"));
        assert_eq!(client_of(&[], "pageSize=5&key=x"), Some("gemini"));
        assert_eq!(client_of(&["x-api-key"], ""), Some("anthropic"));
        assert_eq!(client_of(&["anthropic-version", "authorization"], ""), Some("anthropic"));
        assert_eq!(client_of(&["authorization", "accept"], "monkey=x"), None);
    }

    #[test]
    fn credentials_decide_shared_paths() {
        let dialect_of = |method: &Method, path: &str, client| {
            find_route(method, path, client).map(|(dialect, _)| dialect.name())
        };
        let (gemini, anthropic): (&dyn Dialect, &dyn Dialect) = (&gemini::Gemini, &anthropic::Anthropic);
        for path in ["/v1/models", "/v1/models/m"] {
            assert_eq!(dialect_of(&Method::GET, path, None), Some("openai-chat"));
            assert_eq!(dialect_of(&Method::GET, path, Some(gemini)), Some("gemini"));
            assert_eq!(dialect_of(&Method::GET, path, Some(anthropic)), Some("anthropic"));
        }
        assert_eq!(dialect_of(&Method::POST, "/v1/files", None), Some("openai-chat"));
        assert_eq!(dialect_of(&Method::POST, "/v1/files", Some(anthropic)), None);
        // credentials do not matter for a path that only one vendor has
        assert_eq!(dialect_of(&Method::POST, "/v1/chat/completions", Some(anthropic)), Some("openai-chat"));
        assert_eq!(dialect_of(&Method::POST, "/v1/models/m:generateContent", None), Some("gemini"));
    }

    #[test]
    fn finds_the_closest_dialect() {
        assert_eq!(closest_dialect("/v1/messages/batches", None).name(), "anthropic");
        assert_eq!(closest_dialect("/v1beta/models/m:predict", None).name(), "gemini");
        assert_eq!(closest_dialect("/v1/models/m:predict", Some(&gemini::Gemini)).name(), "gemini");
        assert_eq!(closest_dialect("/api/pull", None).name(), "ollama-chat");
        assert_eq!(closest_dialect("/v1/images", None).name(), "openai-chat");
    }
}
