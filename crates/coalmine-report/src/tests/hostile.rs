//! Hostile text in every place where a runtime can put it, in every report.

use camino::Utf8Path;
use coalmine::event::{Severity, *};
use quick_xml::{Reader, events::Event as Xml};

use super::{
    junit,
    sample::{self, Stream},
    terminal,
};
use crate::{EVENTS_FILE, Fanout, Ndjson, TerminalOptions, fold, standard_reports};

pub(super) const HOSTILE: &str = "\x1b[2J\x1b]8;;http://x\x07\u{9b}31m\n::set-output name=a::b\n##[group]\r\n##vso[task.complete]\
    \n::stop-commands::x \u{202e}txt\u{2066}\u{200b}\u{feff}\0\u{b}\u{fffe}\u{ffff}]]></failure><system-out>&lt;&#0;\
    \u{2028}::error::\n";

/// A run with a failure, an error and a skip, in which every string that may come from a runtime is hostile.
pub(super) fn hostile() -> Stream {
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
