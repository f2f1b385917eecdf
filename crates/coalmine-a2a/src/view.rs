//! A tolerant, typed view of a result: whatever the server's dialect, what it says about the turn.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::{Dialect, Drift, State};

/// More artifacts, contextIds or drifts than this in one answer are not told apart any more.
const MANY: usize = 64;

/// What one or more results say about a turn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct View {
    /// The task, where there is one.
    pub task_id: Option<String>,
    /// The task's last state; `None` for a bare message.
    pub state: Option<State>,
    /// True once a message came instead of a task.
    pub is_message: bool,
    /// Every `contextId` seen where the runtime speaks for itself (task, events, its messages), in order, without
    /// repeats. Those inside the history are the client's own words coming back and do not count.
    pub context_ids: Vec<String>,
    /// Artifacts by id, each with all its text joined.
    artifacts: Vec<(String, String)>,
    /// Text of `status.message`.
    status_text: String,
    /// Text of a bare message.
    message_text: String,
    /// Strings of data parts, and text of files, where the runtime speaks for itself.
    data_text: String,
    /// The last message of the agent in a task's history.
    history_text: String,
    /// Departures from the dialect.
    pub drift: Vec<Drift>,
}

impl View {
    /// The answer: message parts, artifacts, then `status.message`; text parts joined as they stand, the places by line
    /// breaks. Where there is no text at all: strings of data parts and text files, then the agent's last message in the
    /// history. What the user said there is never looked at: it is the question.
    pub fn text(&self) -> String {
        let artifacts = self.artifacts.iter().map(|(_, text)| text.as_str());
        let mut all: Vec<&str> = std::iter::once(self.message_text.as_str()).chain(artifacts).collect();
        // many servers say the answer twice, as an artifact and as the status' message
        if !all.contains(&self.status_text.as_str()) {
            all.push(&self.status_text);
        }
        all.retain(|text| !text.is_empty());
        match (all.is_empty(), self.data_text.is_empty()) {
            (false, _) => all.join("\n"),
            (true, false) => self.data_text.clone(),
            (true, true) => self.history_text.clone(),
        }
    }

    /// Notes it where the answer does not stand in text parts.
    pub(crate) fn note_place(&mut self) {
        let texts =
            self.artifacts.iter().map(|(_, text)| text).chain([&self.message_text, &self.status_text]);
        if texts.into_iter().any(|text| !text.is_empty()) {
            return;
        }
        match (self.data_text.is_empty(), self.history_text.is_empty()) {
            (false, _) => self.note(Drift::AnswerPlace("data parts or files")),
            (true, false) => self.note(Drift::AnswerPlace("the history")),
            (true, true) => {}
        }
    }

    /// True when nothing more is to be waited for.
    pub fn is_settled(&self) -> bool {
        self.is_message || self.state.is_some_and(State::is_settled)
    }

    /// Takes in one result: the answer to a send or a get, or one event of a stream.
    pub(crate) fn absorb(&mut self, dialect: Dialect, result: &Value, whole: bool) {
        let (inner, kind, wrapped) = unwrap(result);
        // a get is bare in both dialects (1.0 §9.4.3), everything else is wrapped in 1.0
        if whole && wrapped != (dialect == Dialect::V1_0) {
            self.note(Drift::Wrapping);
        }
        if inner.get("kind").is_some() != (dialect == Dialect::V0_3) {
            self.note(Drift::Kind);
        }
        match kind {
            Kind::Task => {
                self.task_id = string(inner, "id").or(self.task_id.take());
                // a whole task says everything again
                self.data_text.clear();
                self.context(inner);
                self.status(dialect, inner.get("status"));
                for artifact in inner.get("artifacts").and_then(Value::as_array).into_iter().flatten() {
                    self.artifact(artifact, false);
                }
                self.history(inner.get("history"));
            }
            Kind::Message => {
                self.is_message = true;
                self.context(inner);
                self.message_text.push_str(&parts_text(inner));
                self.data_text.push_str(&parts_data(inner));
            }
            Kind::Status => {
                self.task_id = string(inner, "taskId").or(self.task_id.take());
                self.context(inner);
                self.status(dialect, inner.get("status"));
            }
            Kind::Artifact => {
                self.task_id = string(inner, "taskId").or(self.task_id.take());
                self.context(inner);
                let append = inner.get("append").and_then(Value::as_bool).unwrap_or(false);
                if let Some(artifact) = inner.get("artifact") {
                    self.artifact(artifact, append);
                }
            }
            Kind::Other => {}
        }
        if has_part_of_other_dialect(dialect, inner) {
            self.note(Drift::PartShape);
        }
    }

    /// Notes a departure once.
    pub(crate) fn note(&mut self, drift: Drift) {
        if self.drift.len() < MANY && !self.drift.contains(&drift) {
            self.drift.push(drift);
        }
    }

    fn context(&mut self, holder: &Value) {
        match holder.get("contextId").and_then(Value::as_str) {
            Some("") => self.note(Drift::EmptyContextId),
            Some(id) if self.context_ids.len() < MANY && !self.context_ids.iter().any(|seen| seen == id) => {
                self.context_ids.push(id.to_owned());
            }
            _ => {}
        }
    }

    fn history(&mut self, history: Option<&Value>) {
        let messages = history.and_then(Value::as_array).into_iter().flatten();
        let by_agent = |message: &&Value| {
            message
                .get("role")
                .and_then(Value::as_str)
                .is_some_and(|role| matches!(role, "agent" | "ROLE_AGENT"))
        };
        // only what stands after the user's last words answers them
        match messages.last().filter(by_agent) {
            Some(message) => self.history_text = parts_text(message),
            None => self.history_text.clear(),
        }
    }

    fn status(&mut self, dialect: Dialect, status: Option<&Value>) {
        let Some(status) = status else { return };
        if let Some(name) = status.get("state").and_then(Value::as_str) {
            let (state, spelling) = State::parse(name);
            if spelling != Some(dialect) {
                self.note(Drift::StateNames(name.chars().take(40).collect()));
            }
            self.state = Some(state);
        }
        if let Some(message) = status.get("message").filter(|message| message.is_object()) {
            self.context(message);
            self.status_text = parts_text(message);
            self.data_text.push_str(&parts_data(message));
        } else {
            self.status_text.clear();
        }
    }

    fn artifact(&mut self, artifact: &Value, append: bool) {
        let id = string(artifact, "artifactId").unwrap_or_default();
        let text = parts_text(artifact);
        self.data_text.push_str(&parts_data(artifact));
        match self.artifacts.iter().position(|(seen, _)| *seen == id) {
            Some(at) if append => self.artifacts[at].1.push_str(&text),
            Some(at) => self.artifacts[at].1 = text,
            None if self.artifacts.len() < MANY => self.artifacts.push((id, text)),
            None => self.artifacts[MANY - 1].1.push_str(&text),
        }
    }
}

/// All text parts of a holder, joined as they stand: one sentence may come in several parts.
fn parts_text(holder: &Value) -> String {
    let parts = holder.get("parts").and_then(Value::as_array);
    parts.into_iter().flatten().filter_map(part_text).collect()
}

/// All strings of data parts, and the text of text files, a line each.
fn parts_data(holder: &Value) -> String {
    let mut text = String::new();
    for part in holder.get("parts").and_then(Value::as_array).into_iter().flatten() {
        let mut open: Vec<&Value> = part.get("data").into_iter().collect();
        while let Some(value) = open.pop() {
            match value {
                Value::String(string) => text.extend([string, "\n"]),
                Value::Array(items) => open.extend(items.iter().rev()),
                Value::Object(items) => open.extend(items.values().rev()),
                _ => {}
            }
        }
        let file = part.get("file").unwrap_or(part);
        let mime = file.get("mimeType").or_else(|| file.get("mediaType")).and_then(Value::as_str);
        let bytes = file.get("bytes").or_else(|| file.get("raw")).and_then(Value::as_str);
        if let (Some(mime), Some(bytes)) = (mime, bytes)
            && mime.starts_with("text/")
            && let Ok(content) = STANDARD.decode(bytes)
        {
            text.push_str(&String::from_utf8_lossy(&content));
            text.push('\n');
        }
    }
    text
}

/// The view of a single result, for those who have one at hand.
pub fn view_result(dialect: Dialect, result: &Value) -> View {
    let mut view = View::default();
    view.absorb(dialect, result, true);
    view
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Task,
    Message,
    Status,
    Artifact,
    Other,
}

/// Finds what a result is, wrapped or bare, by its fields; says whether it was wrapped.
fn unwrap(result: &Value) -> (&Value, Kind, bool) {
    let wrappers = [
        ("task", Kind::Task),
        ("message", Kind::Message),
        ("statusUpdate", Kind::Status),
        ("artifactUpdate", Kind::Artifact),
    ];
    for (key, kind) in wrappers {
        if let Some(inner) = result.get(key).filter(|inner| inner.is_object())
            && result.get("kind").is_none()
            && result.get("status").is_none()
        {
            return (inner, kind, true);
        }
    }
    let has = |key: &str| result.get(key).is_some();
    let kind = if has("artifact") {
        Kind::Artifact
    } else if has("status") && has("taskId") && !has("id") {
        Kind::Status
    } else if has("status") {
        Kind::Task
    } else if has("parts") {
        Kind::Message
    } else {
        Kind::Other
    };
    (result, kind, false)
}

/// Text of one part: `{"kind":"text","text":…}`, `{"text":…}` and the older `{"type":"text",…}`.
fn part_text(part: &Value) -> Option<String> {
    let text = part.get("text").or_else(|| part.pointer("/root/text"))?;
    // a nested {"text":{"text":…}} has been seen in hybrids of the two
    text.as_str().or_else(|| text.get("text")?.as_str()).map(str::to_owned)
}

fn has_part_of_other_dialect(dialect: Dialect, inner: &Value) -> bool {
    let artifacts = inner.get("artifacts").and_then(Value::as_array).into_iter().flatten();
    artifacts
        .chain(inner.get("artifact"))
        .chain(inner.pointer("/status/message"))
        .chain(std::iter::once(inner))
        .filter_map(|holder| holder.get("parts")?.as_array())
        .flatten()
        .any(|part| part.get("kind").is_some() != (dialect == Dialect::V0_3))
}

fn string(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_1_0_task_is_read_without_drift() {
        let view = view_result(
            Dialect::V1_0,
            &json!({"task": {"id": "T", "contextId": "C", "status": {"state": "TASK_STATE_COMPLETED"},
                "artifacts": [{"artifactId": "a", "parts": [{"text": "tick0 "}, {"text": "tick1"}]}],
                "history": [{"role": "ROLE_USER", "contextId": "other", "parts": [{"text": "question"}]}]}}),
        );
        assert_eq!(view.text(), "tick0 tick1");
        assert_eq!(view.context_ids, ["C"]);
        assert_eq!(view.state, Some(State::Completed));
        assert_eq!(view.drift, []);
    }

    #[test]
    fn a_0_3_task_is_read_without_drift() {
        let view = view_result(
            Dialect::V0_3,
            &json!({"kind": "task", "id": "T", "contextId": "C", "status": {"state": "completed",
                "message": {"kind": "message", "role": "agent", "parts": [{"kind": "text", "text": "done"}]}}}),
        );
        assert_eq!((view.text().as_str(), view.drift.len()), ("done", 0));
    }

    #[test]
    fn an_answer_in_an_odd_place_is_found_and_the_question_never_is() {
        let task = |rest: Value| {
            let mut task =
                json!({"kind": "task", "id": "T", "contextId": "C", "status": {"state": "completed"}});
            task.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            view_result(Dialect::V0_3, &task).text()
        };
        let user = json!({"role": "user", "parts": [{"kind": "text", "text": "question"}]});
        let agent = json!({"role": "agent", "parts": [{"kind": "text", "text": "answer"}]});
        let data = json!([{"artifactId": "a", "parts": [{"kind": "data", "data": {"reply": ["in data"]}}]}]);
        assert_eq!(task(json!({"artifacts": data})).trim(), "in data");
        assert_eq!(task(json!({"history": [user, agent]})), "answer");
        assert_eq!(task(json!({"history": [agent, user]})), "");
    }

    #[test]
    fn hybrids_are_read_and_told() {
        let view = view_result(
            Dialect::V0_3,
            &json!({"task": {"id": "T", "contextId": "", "status": {"state": "TASK_STATE_COMPLETED"},
                "artifacts": [{"parts": [{"text": "x"}]}]}}),
        );
        assert_eq!(view.text(), "x");
        for drift in [Drift::Wrapping, Drift::Kind, Drift::EmptyContextId, Drift::PartShape] {
            assert!(view.drift.contains(&drift), "{drift:?} in {:?}", view.drift);
        }
    }

    #[test]
    fn a_stream_adds_up_to_the_answer() {
        let mut view = View::default();
        for event in [
            json!({"task": {"id": "T", "contextId": "C", "status": {"state": "TASK_STATE_SUBMITTED"}}}),
            json!({"artifactUpdate": {"taskId": "T", "contextId": "C", "artifact": {"artifactId": "a", "parts": [{"text": "Zor"}]}}}),
            json!({"artifactUpdate": {"taskId": "T", "contextId": "C", "append": true,
                "artifact": {"artifactId": "a", "parts": [{"text": "vane"}]}}}),
            json!({"statusUpdate": {"taskId": "T", "contextId": "C", "status": {"state": "TASK_STATE_COMPLETED"}}}),
        ] {
            view.absorb(Dialect::V1_0, &event, true);
        }
        assert_eq!((view.text().as_str(), view.is_settled()), ("Zorvane", true));
        assert_eq!(view.drift, []);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let keys =
            "(task|message|status|statusUpdate|artifact|artifacts|parts|text|kind|state|contextId|id|x)";
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "(completed|TASK_STATE_WORKING|text|\\PC{0,8})".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 48, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((keys, inner), 0..5)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_json_can_be_viewed_in_both_dialects(value in any_json()) {
            for dialect in [Dialect::V0_3, Dialect::V1_0] {
                let view = view_result(dialect, &value);
                prop_assert!(view.drift.len() <= MANY);
            }
        }
    }
}
