//! Everything a runtime can say, everywhere it can say it, through every report.

use coalmine::event::{Code, *};
use quick_xml::{Reader, events::Event as Xml};

use super::{
    junit,
    sample::{self, Stream},
    terminal,
};
use crate::{TerminalOptions, fold};

const HOSTILE: &str = "\x1b[2J\x1b]8;;http://x\x07\u{9b}31m\n::set-output name=a::b\n##[group]\r\n##vso[task.complete]\
    \n::stop-commands::x \u{202e}txt\u{2066}\u{200b}\u{feff}\0\u{b}\u{fffe}\u{ffff}]]></failure><system-out>&lt;&#0;\
    \u{2028}::error::\n";

/// A red run and one that could not be judged, in which every string that may come from a runtime is hostile.
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
    }
    for check in &mut canary.checks {
        (check.expected, check.actual, check.id) = (text(), text(), text());
    }
    let diagnosis = canary.diagnosis.as_mut().unwrap();
    diagnosis.sentence = text();
    diagnosis.path.iter_mut().for_each(|link| link.note = text());
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
    let finding = Finding { code: Code::DriftKind, sentence: text(), canary: None };
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

/// Commands of a CI log begin a line (after spaces) with `::`, or stand anywhere as `##[` or `##vso[`.
fn assert_harmless(shown: &str) {
    for line in shown.lines() {
        let hidden = line.chars().find(|letter| crate::escape::is_hidden(*letter));
        assert_eq!(hidden, None, "{line:?}");
        assert!(!line.trim_start().starts_with("::"), "{line:?}");
        assert!(!line.contains("##[") && !line.contains("##vso["), "{line:?}");
    }
}

#[test]
fn the_terminal_shows_it_and_does_not_act_on_it() {
    for (quiet, width) in [(false, 0), (false, 80), (true, 40)] {
        let options = TerminalOptions { quiet, width, ci: true, ..TerminalOptions::default() };
        let shown = terminal::show(&hostile(), options);
        assert_harmless(&shown);
        assert!(shown.contains(r"\x1b[2J"), "{shown}");
    }
}

#[test]
fn junit_stays_xml_with_the_same_elements_as_ever() {
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
fn the_summary_keeps_it_as_it_came_in_one_line_of_json() {
    let summary = fold(&hostile().events).unwrap();
    assert_eq!(summary.canaries[0].turns[0].reply.as_deref(), Some(HOSTILE));
    let json = serde_json::to_string(&summary).unwrap();
    assert!(!json.contains('\n') && !json.contains('\x1b'));
    assert_eq!(serde_json::from_str::<crate::Summary>(&json).unwrap(), summary);
}
