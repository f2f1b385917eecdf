//! The page: what stands in it, in which order, and what evidence it shows.

use camino::{Utf8Path, Utf8PathBuf};
use coalmine::event::*;
use tempfile::TempDir;

use super::sample::{self, Stream};
use crate::{Fanout, Html};

fn folder() -> (TempDir, Utf8PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
    (folder, path)
}

/// Returns the page of a run whose evidence is in `folder`.
pub(super) fn page(folder: &Utf8Path, stream: &Stream) -> String {
    let mut fanout = Fanout::new().with(Html::new(folder));
    stream.events.iter().for_each(|envelope| fanout.event(envelope));
    assert!(fanout.finish().is_empty());
    std::fs::read_to_string(folder.join("report.html")).unwrap()
}

/// Returns what a reader sees: the text without the tags, one line for each piece.
fn text(html: &str) -> String {
    let body = html.split_once("<body>").unwrap().1.split_once("<script>").unwrap().0;
    let mut lines = Vec::new();
    for piece in body.split('<') {
        let words = piece.split_once('>').map_or(piece, |(_, words)| words).trim();
        if !words.is_empty() {
            lines.push(words.replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&"));
        }
    }
    lines.join("\n")
}

/// Writes the evidence of the canary that fails, and returns its run.
fn with_evidence(folder: &Utf8Path) -> Stream {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("wire/name-recall-1.request.json", r#"{"text":"Hi, my name is Zorvane-4417."}"#);
    write("wire/name-recall-2.request.json", r#"{"text":"What's my name?"}"#);
    write(
        "session-store/name-recall-turn-2.txt",
        r#"{"sessions":[{"key":"other"},{"key":"6b7f3a52-0000-4000-8000-000000000000","turns":["Zorvane-4417"]}]}"#,
    );
    let system = r#"{"role":"system","text":"Be brief."}"#;
    let call = |seq: u64, user: &str, answer: &str| {
        format!(
            "{{\"seq\":{seq},\"kind\":\"model\",\"status\":200,\"dialect\":\"openai-chat\",\"prompt\":{{\"model\":\"gpt\",\
             \"messages\":[{system},{{\"role\":\"user\",\"text\":\"{user}\"}}],\"tools\":[{{\"name\":\"recall_memory\"}}]}},\
             \"answer\":{answer}}}\n"
        )
    };
    let noted = r#"{"text":"Noted."}"#;
    let unknown = r#"{"text":"I don't know your name.","calls":[{"name":"recall_memory","arguments":{"query":"name"}}]}"#;
    let lines = [call(3, "Hi, my name is Zorvane-4417.", noted), call(4, "What's my name?", unknown)];
    write("journal.ndjson", &lines.concat());

    let mut canary = sample::failed();
    for (turn, seq) in canary.turns.iter_mut().zip([3, 4]) {
        turn.model_call_seqs = vec![seq];
    }
    canary.turns[1].session_store = Some("session-store/name-recall-turn-2.txt".into());
    canary.turns[1].missing = vec!["Zorvane-4417".into()];
    Stream::started().ready().canary(canary).canary(sample::pass(1)).canary(sample::pass(2)).ended()
}

#[test]
fn a_red_run_reads_from_top_to_bottom() {
    let (_guard, path) = folder();
    insta::assert_snapshot!(text(&page(&path, &sample::red())));
}

#[test]
fn evidence_is_shown_where_it_belongs() {
    let (_guard, path) = folder();
    let html = page(&path, &with_evidence(&path));
    let from = html.find("<li class=\"turn broken\"").unwrap();
    let turn = &html[from..from + html[from..].find("</li>\n\n</ol>").unwrap_or(html.len() - from)];
    let turn = turn.split_once("<details class=\"canary").map_or(turn, |(turn, _)| turn);
    insta::assert_snapshot!(text(&format!("<body>{turn}<script>")));
}

#[test]
fn a_fact_is_marked_and_a_lost_one_is_seen() {
    let (_guard, path) = folder();
    let html = page(&path, &with_evidence(&path));
    assert!(html.contains("my name is <mark class=\"wanted\">Zorvane-4417</mark>."), "{html}");
    assert!(html.contains("in turn 1, not in this prompt"), "{html}");
    assert!(html.contains("1 of 2 sessions are about this conversation"), "{html}");
}

#[test]
fn the_turns_have_places_of_their_own() {
    let (_guard, path) = folder();
    let html = page(&path, &sample::red());
    for anchor in ["name-recall", "name-recall-turn-2", "_cause-prompt.history-missing", "_canaries"] {
        assert_eq!(html.matches(&format!(" id=\"{anchor}\"")).count(), 1, "{anchor}");
    }
}

#[test]
fn evidence_that_is_gone_is_no_failure() {
    let (_guard, path) = folder();
    let html = page(&path, &sample::green());
    assert!(html.contains("The evidence of the turns is not in the run's folder."), "{html}");
}

#[test]
fn a_large_file_is_linked_and_not_shown() {
    let (_guard, path) = folder();
    let stream = with_evidence(&path);
    std::fs::write(path.join("wire/name-recall-2.request.json"), "z".repeat(100_000)).unwrap();
    let html = page(&path, &stream);
    assert!(html.contains("100,000 bytes, which is too much for the page: open the file"), "{html}");
    assert!(html.contains("href=\"./wire/name-recall-2.request.json\""));
    assert!(!html.contains("zzzz"));
}

#[test]
fn the_page_holds_no_more_evidence_than_it_may() {
    let (_guard, path) = folder();
    std::fs::create_dir_all(path.join("wire")).unwrap();
    std::fs::write(path.join("wire/big.json"), "<".repeat(40_000)).unwrap();
    let mut canary = sample::failed();
    let turn = canary.turns[1].clone();
    canary.turns.extend((3..250).map(|number| TurnReport {
        number,
        wire: vec!["wire/big.json".into(); 20],
        ..turn.clone()
    }));
    let html = page(&path, &Stream::started().ready().canary(canary).ended());
    assert!(html.len() < 8_000_000, "{}", html.len());
    assert!(html.contains("Not in the page, which holds 5 MB of evidence at most"));
}

/// Each condition that weakens a pass is named.
#[test]
fn what_weakens_a_pass_is_named() {
    let (_guard, path) = folder();
    let mut started = sample::started();
    started.run.model = ModelMode::Live;
    started.run.jobs = 1;
    started.run.asked = vec!["name-recall".into()];
    let finding = |code: Code| {
        let sentence = format!("details of {code}");
        Event::Finding(Finding { code, severity: Severity::Warn, sentence, canary: None })
    };
    let mut limited = sample::pass(1);
    limited.reason = Some("the store could not be read".into());
    let mut skipped = sample::pass(2);
    (skipped.verdict, skipped.reason) = (Verdict::Skip, Some("nobody promised a memory".into()));
    skipped.hint_toml = Some("memory.promise = \"kept\"".into());
    let codes =
        [Code::ProviderLenient, Code::RunNetworkOpen, Code::ArtifactIncomplete, Code::RunForeignCaller];
    let stream = Stream::of(started).ready().canary(sample::pass(0)).canary(limited).canary(skipped);
    let stream = codes.into_iter().fold(stream, |stream, code| stream.then(finding(code)));
    let page = text(&page(&path, &stream.ended()));
    let from = page.find("What weakens this pass").unwrap();
    insta::assert_snapshot!(&page[from..page.find("\nCanaries").unwrap()]);
}

#[test]
fn a_run_in_both_dialects_is_not_weakened() {
    let (_guard, path) = folder();
    let mut started = sample::started();
    started.canaries[1].id = "dialect-parity".into();
    let parity = CanaryReport { id: "dialect-parity".into(), ..sample::pass(1) };
    let stream = Stream::of(started).ready().canary(sample::pass(0)).canary(parity).canary(sample::pass(2));
    assert!(!page(&path, &stream.ended()).contains("What weakens"));
    assert!(page(&path, &sample::green()).contains("One dialect of A2A only was tried: 0.3"));
}

#[test]
fn a_killed_run_says_so() {
    let (_guard, path) = folder();
    let html = text(&page(&path, &Stream::started().ready().canary(sample::pass(0))));
    assert!(html.contains("Cut off") && html.contains("it was killed"), "{html}");
    assert!(html.contains("the events stop before this canary ended: the run was killed"), "{html}");
}
