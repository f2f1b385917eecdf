//! The pages of the rules.

use coalmine_gate::lint::RULES;

#[test]
fn rules_are_numbered_and_say_something() {
    for (at, rule) in RULES.iter().enumerate() {
        assert_eq!(rule.id, format!("GW{at:03}"));
        assert!(rule.sentence.len() > 20 && !rule.sentence.ends_with('.'), "{}", rule.id);
    }
}

#[test]
fn pages_begin_with_the_sentence_of_their_rule() {
    for rule in &RULES {
        let title = format!("# {}: {}", rule.id, rule.sentence);
        assert_eq!(rule.page.lines().next(), Some(title.as_str()));
        for part in ["## What happens", "## Where", "## Why it matters", "## How to change it"] {
            assert!(rule.page.contains(&format!("\n{part}\n")), "{} lacks `{part}`", rule.id);
        }
        assert!(rule.page.lines().count() <= 45, "{}", rule.id);
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/explain");
    let files =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let pages: Vec<String> = files.filter(|name| name.starts_with("GW")).collect();
    assert_eq!(pages.len(), RULES.len(), "{pages:?}");
}

/// Returns the blocks of YAML in a page.
fn blocks(page: &str) -> Vec<String> {
    page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// The others are about several files, a protection, or what is missing.
#[test]
fn examples_of_pages_do_what_the_page_says() {
    for rule in RULES.iter().filter(|rule| !["GW007", "GW009", "GW020"].contains(&rule.id)) {
        let blocks = blocks(rule.page);
        let has = |block: &String| {
            let text = completed(block);
            crate::support::findings(&text, "gitea").iter().any(|finding| finding.rule.id == rule.id)
        };
        if let [before, after] = &blocks[..] {
            assert!(has(before), "{}: {}", rule.id, completed(before));
            assert!(!has(after), "{}: {}", rule.id, completed(after));
        }
    }
}

/// Returns a workflow that an example is a part of.
fn completed(block: &str) -> String {
    let indented = |by: &str| block.lines().map(|line| format!("{by}{line}\n")).collect::<String>();
    let (name, on, runs_on) = ("name: gate\n", "on: pull_request\n", "    runs-on: docker-host\n");
    let steps = "    steps:\n      - run: ./gate\n";
    match block.split([':', ' ']).next().unwrap_or_default() {
        "on" => format!("{name}{block}jobs:\n  gate:\n{runs_on}{steps}"),
        "name" if block.contains("\non:") => format!("{block}jobs:\n  gate:\n{runs_on}{steps}"),
        "name" => format!("{name}{on}jobs:\n  gate:\n{}{runs_on}{steps}", indented("    ")),
        "gate" => {
            let rest = if block.contains("steps:") { "" } else { steps };
            format!("{name}{on}jobs:\n  test:\n{runs_on}{steps}{}{runs_on}{rest}", indented("  "))
        }
        "runs-on" => format!("{name}{on}jobs:\n  gate:\n{}", indented("    ")),
        "timeout-minutes" => format!("{name}{on}jobs:\n  gate:\n{runs_on}{}{steps}", indented("    ")),
        _ => format!("{name}{on}jobs:\n  gate:\n{runs_on}    steps:\n{}", indented("      ")),
    }
}
