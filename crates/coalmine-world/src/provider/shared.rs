//! Whose a path is, also where several vendors have it: `/v1/models` and `/v1/files` belong to whom the client takes this for.

use axum::http::{HeaderMap, Method};

use super::{ALL, Dialect, Route, anthropic, gemini, ollama, openai_chat};

/// The dialect of the vendor for whom the credentials of a request are, if they are of one vendor alone: a bearer token can
/// be for anyone.
pub(crate) fn client(headers: &HeaderMap, query: &str) -> Option<&'static dyn Dialect> {
    if headers.contains_key("x-goog-api-key") || query.split('&').any(|pair| pair.starts_with("key=")) {
        return Some(&gemini::Gemini);
    }
    let is_anthropic = ["x-api-key", "anthropic-version"].iter().any(|name| headers.contains_key(*name));
    is_anthropic.then_some(&anthropic::Anthropic)
}

/// The dialect that a request belongs to.
pub(crate) fn find(
    method: &Method,
    path: &str,
    client: Option<&'static dyn Dialect>,
) -> Option<(&'static dyn Dialect, Route)> {
    match client.filter(|_| is_shared(method, path)) {
        Some(dialect) => Some((dialect, dialect.route(method, path)?)),
        None => ALL.iter().find_map(|dialect| Some((*dialect, dialect.route(method, path)?))),
    }
}

/// The dialect in whose words an unknown path is refused.
pub(crate) fn near(path: &str, client: Option<&'static dyn Dialect>) -> &'static dyn Dialect {
    match path {
        _ if path.starts_with("/v1/messages") => &anthropic::Anthropic,
        _ if path.starts_with("/v1beta/") || path.starts_with("/v1alpha/") => &gemini::Gemini,
        _ if path.starts_with("/api/") => &ollama::OllamaChat,
        _ => client.unwrap_or(&openai_chat::OpenAiChat),
    }
}

fn is_shared(method: &Method, path: &str) -> bool {
    let path = path.strip_prefix("/v1").unwrap_or(path);
    let is_model = method == Method::GET && (path == "/models" || path.starts_with("/models/"));
    is_model || path == "/files" || path.starts_with("/files/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(headers: &[&'static str], query: &str) -> Option<&'static str> {
        let headers = headers.iter().map(|name| ((*name).parse().unwrap(), "x".parse().unwrap())).collect();
        Some(client(&headers, query)?.name())
    }

    #[test]
    fn a_client_is_known_by_its_credentials() {
        assert_eq!(named(&["x-goog-api-key"], ""), Some("gemini"));
        assert_eq!(named(&[], "pageSize=5&key=x"), Some("gemini"));
        assert_eq!(named(&["x-api-key"], ""), Some("anthropic"));
        assert_eq!(named(&["anthropic-version", "authorization"], ""), Some("anthropic"));
        assert_eq!(named(&["authorization", "accept"], "monkey=x"), None);
    }

    #[test]
    fn a_path_of_several_vendors_is_the_clients() {
        let whose = |method: &Method, path: &str, client| {
            find(method, path, client).map(|(dialect, _)| dialect.name())
        };
        let (gemini, anthropic): (&dyn Dialect, &dyn Dialect) = (&gemini::Gemini, &anthropic::Anthropic);
        for path in ["/v1/models", "/v1/models/m"] {
            assert_eq!(whose(&Method::GET, path, None), Some("openai-chat"));
            assert_eq!(whose(&Method::GET, path, Some(gemini)), Some("gemini"));
            assert_eq!(whose(&Method::GET, path, Some(anthropic)), Some("anthropic"));
        }
        assert_eq!(whose(&Method::POST, "/v1/files", None), Some("openai-chat"));
        assert_eq!(whose(&Method::POST, "/v1/files", Some(anthropic)), None);
        // what only one vendor has is its own, whatever the credentials
        assert_eq!(whose(&Method::POST, "/v1/chat/completions", Some(anthropic)), Some("openai-chat"));
        assert_eq!(whose(&Method::POST, "/v1/models/m:generateContent", None), Some("gemini"));
    }

    #[test]
    fn an_unknown_path_is_refused_by_the_vendor_that_is_meant() {
        assert_eq!(near("/v1/messages/batches", None).name(), "anthropic");
        assert_eq!(near("/v1beta/models/m:embedContent", None).name(), "gemini");
        assert_eq!(near("/v1/models/m:embedContent", Some(&gemini::Gemini)).name(), "gemini");
        assert_eq!(near("/api/embed", None).name(), "ollama-chat");
        assert_eq!(near("/v1/embeddings", None).name(), "openai-chat");
    }
}
