//! Paths of Azure OpenAI: `/openai/deployments/<name>/…`, and `/openai/v1/…`.

/// Returns a path as OpenAI has it, without `/v1`: base URLs are given with and without it.
pub(super) fn openai_path(path: &str) -> &str {
    let path = match path.strip_prefix("/openai/deployments/") {
        Some(rest) => rest.find('/').map_or("", |end| rest.split_at(end).1),
        None => path.strip_prefix("/openai").filter(|rest| rest.starts_with('/')).unwrap_or(path),
    };
    path.strip_prefix("/v1").unwrap_or(path)
}

/// Returns the name of the deployment that a path addresses. It stands for the model.
pub(super) fn deployment(path: &str) -> Option<&str> {
    path.strip_prefix("/openai/deployments/")?.split('/').next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deployments_stand_for_models() {
        for path in [
            "/openai/deployments/gpt-4o/embeddings",
            "/openai/v1/embeddings",
            "/v1/embeddings",
            "/embeddings",
        ] {
            assert_eq!(openai_path(path), "/embeddings", "{path}");
        }
        assert_eq!(deployment("/openai/deployments/gpt-4o/embeddings?api-version=1"), Some("gpt-4o"));
        assert_eq!(deployment("/v1/embeddings"), None);
    }
}
