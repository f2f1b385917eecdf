//! Every diagnosis code with its page.

/// A code and its page, in Markdown.
pub type Page = (&'static str, &'static str);

macro_rules! pages {
    ($($code:literal),* $(,)?) => {
        &[$(($code, include_str!(concat!("../../../../docs/explain/", $code, ".md")))),*]
    };
}

/// All codes, by layer.
pub const PAGES: &[Page] = pages![
    "boot.crashed",
    "boot.evidence-lost",
    "boot.gave-up",
    "boot.image-missing",
    "boot.model-not-wired",
    "boot.no-engine",
    "boot.not-ready",
    "boot.nothing-judged",
    "boot.restart-failed",
    "boot.start-failed",
    "wire.cancel-ignored",
    "wire.card-invalid",
    "wire.connection-lost",
    "wire.context-missing",
    "wire.context-replaced",
    "wire.duplicate-executed",
    "wire.finished-task-accepted",
    "wire.http-error",
    "wire.malformed",
    "wire.mismatch-accepted",
    "wire.not-finished",
    "wire.not-refused",
    "wire.resubscribe-failed",
    "wire.rpc-error",
    "wire.stream-broken",
    "wire.task-failed",
    "wire.timeout",
    "wire.too-large",
    "session.file-escaped",
    "session.locked",
    "session.lost-on-failure",
    "session.lost-on-kill",
    "session.lost-on-recreate",
    "session.lost-on-restart",
    "session.not-kept",
    "session.overwritten",
    "session.shared",
    "session.split",
    "prompt.empty-prompt",
    "prompt.file-missing",
    "prompt.foreign-history",
    "prompt.history-missing",
    "prompt.mangled",
    "prompt.model-timeout",
    "prompt.no-model-call",
    "prompt.outdated",
    "prompt.question-missing",
    "prompt.refused",
    "prompt.replies-missing",
    "prompt.runs-on",
    "tool.memory-lost",
    "tool.memory-not-read",
    "tool.memory-not-written",
    "tool.memory-root",
    "tool.not-called",
    "tool.not-offered",
    "tool.peer-context-shared",
    "tool.peer-history-leaked",
    "tool.peer-not-asked",
    "tool.result-missing",
    "reply.answer-lost",
    "reply.differs",
    "reply.echo",
    "reply.empty",
    "reply.failure-hidden",
    "reply.leak",
    "reply.model-failed",
];

/// The page of a code.
pub fn page(code: &str) -> Option<&'static str> {
    PAGES.iter().find(|(known, _)| *known == code).map(|(_, page)| *page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Layer;

    #[test]
    fn every_code_names_its_layer_and_has_a_page_of_its_own() {
        for (code, page) in PAGES {
            let layer = code.split('.').next().unwrap();
            assert!(Layer::ALL.iter().any(|known| known.name() == layer), "{code}");
            assert!(page.starts_with(&format!("# {code}")), "{code}");
            assert!(page.lines().count() <= 40, "{code}");
        }
    }

    #[test]
    fn no_page_is_forgotten() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/explain");
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(page(name.trim_end_matches(".md")).is_some(), "{name}");
        }
    }
}
