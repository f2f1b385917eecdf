//! Hostile text in every place where a runtime can put it, in every report.

use camino::Utf8Path;
use coalmine::event::{Severity, *};
use quick_xml::{Reader, events::Event as Xml};

use super::{
    html, junit,
    sample::{self, Stream},
    terminal,
};
use crate::{EVENTS_FILE, Fanout, Ndjson, TerminalOptions, fold, standard_reports};

pub(super) const HOSTILE: &str = "\x1b[2J\x1b]8;;http://x\x07\u{9b}31m\n::set-output name=a::b\n##[group]\r\n##vso[task.complete]\
    \n::stop-commands::x \u{202e}txt\u{2066}\u{200b}\u{feff}\0\u{b}\u{fffe}\u{ffff}]]></failure><system-out>&lt;&#0;\
    \u{2028}::error::\n";

/// A run with a failure, an error and a skip, in which every string that may come from a runtime is hostile.
pub(crate) fn hostile() -> Stream {
    let mut canary = sample::failed();
    let text = || HOSTILE.to_owned();
    canary.reason = Some(text());
    for turn in &mut canary.turns {
        turn.files = vec![text(), text()];
        turn.reply = Some(text());
        turn.error = Some(text());
        turn.say = text();
        turn.context = text();
        turn.prompt = vec![PromptMessage { role: text(), text: text() }];
        (turn.missing, turn.unwanted) = (vec![text()], vec![text()]);
    }
    for check in &mut canary.checks {
        (check.expected, check.actual, check.id) = (text(), text(), text());
    }
    let diagnosis = canary.diagnosis.as_mut().unwrap();
    diagnosis.sentence = text();
    diagnosis.path.iter_mut().for_each(|step| step.note = text());
    for one in &mut diagnosis.evidence {
        (one.what, one.text, one.path) = (text(), text(), Some(text()));
    }
    let error = CanaryReport { verdict: Verdict::Error, ..canary.clone() };
    let (file_only, agent_card) = (sample::pass(1), sample::pass(2));
    let error = CanaryReport { id: file_only.id, title: text(), ..error };
    let skip = CanaryReport { reason: Some(text()), verdict: Verdict::Skip, ..agent_card };
    let mut started = sample::started();
    started.run.arguments = vec![text()];
    started.canaries[0].title = text();
    started.target.profile = text();
    started.target.subject = Some(text());
    started.out = text();
    let finding = Finding { code: Code::DriftKind, severity: Severity::Warn, sentence: text(), canary: None };
    let ready = TargetReady {
        took_ms: 1,
        card_url: text(),
        rpc_url: text(),
        dialect: text(),
        agent: text(),
        image_digest: Some(text()),
    };
    let target = TargetInfo { image: Some(text()), image_digest: Some(text()), ..started.target.clone() };
    Stream::of(started)
        .then(Event::TargetReady(ready))
        .canary(canary)
        .canary(error)
        .canary(skip)
        .then(Event::Finding(finding))
        .ended_with(|end| (end.target, end.kept) = (target, vec![text()]))
}

/// Checks that nothing acts on a terminal or a CI log. Commands of a CI log begin a line (after spaces) with
/// `::`, or contain `##[` or `##vso[` anywhere.
fn assert_harmless(shown: &str) {
    for line in shown.lines() {
        let hidden = line.chars().find(|letter| is_hidden(*letter));
        assert_eq!(hidden, None, "{line:?}");
        assert!(!line.trim_start().starts_with("::"), "{line:?}");
        assert!(!line.contains("##[") && !line.contains("##vso["), "{line:?}");
    }
}

#[test]
fn the_terminal_shows_hostile_text_escaped() {
    for (quiet, width) in [(false, 0), (false, 80), (true, 40)] {
        let options = TerminalOptions { quiet, width, ci: true, ..TerminalOptions::default() };
        let shown = terminal::show(&hostile(), options);
        assert_harmless(&shown);
        assert!(shown.contains(r"\x1b[2J"), "{shown}");
    }
}

#[test]
fn junit_stays_xml_with_the_usual_elements() {
    let xml = junit::xml(&hostile());
    let mut reader = Reader::from_str(&xml);
    let mut elements = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Xml::Eof => break,
            Xml::Start(tag) | Xml::Empty(tag) => {
                elements.push(String::from_utf8(tag.name().0.to_vec()).unwrap());
                for attribute in tag.attributes() {
                    let value =
                        attribute.unwrap().normalized_value(quick_xml::XmlVersion::Implicit1_0).unwrap();
                    assert_harmless(&value);
                }
            }
            Xml::Text(text) => assert_harmless(&text.decode().unwrap()),
            Xml::GeneralRef(_) | Xml::End(_) | Xml::Decl(_) => {}
            other => panic!("{other:?}"),
        }
    }
    let count = |name: &str| elements.iter().filter(|element| *element == name).count();
    assert_eq!((count("failure"), count("error"), count("skipped"), count("system-out")), (1, 1, 1, 0));
}

#[test]
fn the_summary_keeps_hostile_text_in_one_line_of_json() {
    let summary = fold(&hostile().events).unwrap();
    assert_eq!(summary.canaries[0].turns[0].reply.as_deref(), Some(HOSTILE));
    let json = serde_json::to_string(&summary).unwrap();
    assert!(!json.contains('\n') && !json.contains('\x1b'));
    assert_eq!(serde_json::from_str::<crate::Summary>(&json).unwrap(), summary);
}

/// What a text would be in a page if it were not escaped.
const MARKUP: &str = "</script></style></title><script>alert(1)</script><img src=x onerror=alert(1)>\" onclick=\"alert(1)\" x='";

/// Returns the names of all tags of a page, and the values of its links.
fn tags(page: &str) -> (Vec<String>, Vec<String>) {
    let (mut names, mut links) = (Vec::new(), Vec::new());
    let body = page.split_once("</style>").unwrap().1.split_once("<script>").unwrap().0;
    for tag in body.split('<').skip(1) {
        let tag = tag.split_once('>').unwrap().0;
        names.push(tag.split([' ', '/']).find(|word| !word.is_empty()).unwrap_or_default().to_owned());
        links.extend(tag.split_once(" href=\"").map(|(_, rest)| rest.split_once('"').unwrap().0.to_owned()));
    }
    names.sort();
    names.dedup();
    (names, links)
}

/// Hostile markup in every text, in a page with the tags that the same page has without it.
#[test]
fn the_page_has_the_usual_tags_and_links_only_to_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(folder.path()).unwrap();
    let usual = tags(&html::page(path, &hostile())).0;
    let events = serde_json::to_string(&hostile().events).unwrap();
    let json_of = |text: &str| serde_json::to_string(text).unwrap().trim_matches('"').to_owned();
    for text in [MARKUP, "javascript:alert(1)", "//example.org/x", "../../x"] {
        let changed = events.replace(&json_of(HOSTILE), &json_of(text));
        assert_ne!(changed, events);
        let stream = Stream { events: serde_json::from_str(&changed).unwrap() };
        let page = html::page(path, &stream);
        let (names, links) = tags(&page);
        assert_eq!(names, usual, "{text}");
        let is_inner = |link: &&String| link.starts_with('#') || link.starts_with("./");
        assert_eq!(links.iter().find(|link| !is_inner(link)), None);
        assert_eq!(page.matches("<script").count(), 1);
        assert!(!names.iter().any(|name| {
            ["img", "iframe", "base", "form", "object", "embed", "svg"].contains(&name.as_str())
        }));
    }
}

#[test]
fn a_text_without_an_end_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(folder.path()).unwrap();
    let mut canary = sample::failed();
    canary.turns[1].reply = Some("x".repeat(1 << 20));
    canary.title = "y".repeat(1 << 20);
    let page = html::page(path, &Stream::started().ready().canary(canary).ended());
    assert!(page.len() < 300_000, "{}", page.len());
    assert!(page.contains("characters more]"));
}

/// The policy names the style and the script that stand in the page, so that no other one is used.
#[test]
fn the_policy_allows_the_own_style_and_script_only() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use sha2::{Digest, Sha256};
    let folder = tempfile::tempdir().unwrap();
    let page = html::page(Utf8Path::from_path(folder.path()).unwrap(), &hostile());
    let between = |from: &str, to: &str| page.split_once(from).unwrap().1.split_once(to).unwrap().0;
    let policy = between("http-equiv=\"Content-Security-Policy\" content=\"", "\">").replace("&#39;", "'");
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let style = format!("style-src {};", hash(between("<style>", "</style>")));
    let script = format!("script-src {};", hash(between("<script>", "</script>")));
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    assert!(policy.contains(&style) && policy.contains(&script), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
}

/// This covers each report that is added to the list.
#[test]
fn no_standard_report_holds_a_hidden_character() {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(folder.path()).unwrap();
    let mut fanout = Fanout::new().with(Ndjson::create(path).unwrap()).with_all(standard_reports(path));
    hostile().events.iter().for_each(|envelope| fanout.event(envelope));
    assert!(fanout.finish().is_empty());
    for name in standard_reports(path).iter().flat_map(|report| report.files()).chain([&EVENTS_FILE]) {
        let text = std::fs::read_to_string(path.join(name)).unwrap();
        let hidden = text.chars().find(|letter| is_hidden(*letter) && *letter != '\n');
        assert_eq!(hidden, None, "{name}");
    }
}
