//! Whatever the bytes are: no panic, and what comes out is bounded.

use std::time::{Duration, Instant};

use coalmine_gate::{
    forge::RequiredContext,
    lint::{LintOptions, Source, lint},
};
use proptest::prelude::*;

use crate::{contexts::measured, support::source};

fn options() -> LintOptions {
    let required =
        Some(vec![RequiredContext::glob("[*{?}\\"), RequiredContext::glob("ok / job (pull_request)")]);
    let base = Some(vec![source("a.yml", "name: ok\non: pull_request\njobs: {job: {}}\n", "gitea")]);
    LintOptions { required, base, ..LintOptions::default() }
}

/// Judges a text for both forges, and checks that every place is in the file.
fn judge(text: &str) {
    let sources = [Source::new(".gitea/workflows/a.yml", text), Source::new(".github/workflows/a.yml", text)];
    for options in [LintOptions::default(), options()] {
        let report = lint(&sources, &options);
        assert!(report.findings.len() <= 5_000);
        for finding in &report.findings {
            let span = finding.span.clone().unwrap_or_default();
            assert!(text.get(span).is_some(), "{finding:?}");
        }
    }
}

/// A piece of a workflow, so that texts get past the parser.
fn piece() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "on:",
        "jobs:",
        "name:",
        " a:",
        "  if:",
        "  needs:",
        "  steps:",
        "   - run:",
        "   - uses:",
        " pull_request:",
        "  strategy:",
        "   matrix:",
        "    x: [1, 2]",
        "[",
        "]",
        "{",
        "}",
        "&a ",
        "*a",
        "<<: *a",
        "|",
        "- ",
        "? ",
        "\n",
        "\n",
        "\n  ",
        " ${{ matrix.x }}",
        "continue-on-error: ",
        "true",
        "# coalmine: ignore GW004 -- x",
        "a@v4",
        "'",
        "\"",
        "\t",
    ]);
    prop_oneof![9 => words.prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)]
}

proptest! {
    #[test]
    fn any_text_is_judged(text in any::<String>()) {
        judge(&text);
        judge(&format!("on: pull_request\njobs:\n{text}"));
    }

    #[test]
    fn any_pieces_are_judged(pieces in prop::collection::vec(piece(), 0..60)) {
        judge(&pieces.concat());
    }

    #[test]
    fn changed_files_are_judged(at in 0.0..1.0_f64, length in 0..20_usize, by in any::<String>(), which in 0..36_usize) {
        let text = measured().files.into_values().nth(which).unwrap();
        let letters: Vec<char> = text.chars().collect();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a short text")]
        let start = (letters.len() as f64 * at) as usize;
        let end = (start + length).min(letters.len());
        judge(&letters[..start].iter().copied().chain(by.chars()).chain(letters[end..].iter().copied()).collect::<String>());
    }
}

/// Files of up to a megabyte, each of which makes a rule work as hard as it can.
fn heavy() -> Vec<String> {
    let head = "name: x\non: pull_request\njobs:\n";
    let fill = |line: &dyn Fn(usize) -> String| {
        let mut text = head.to_owned();
        (0..)
            .map(line)
            .take_while(|line| {
                text.push_str(line);
                text.len() < 60_000
            })
            .count();
        text
    };
    let long = "L".repeat(900_000);
    vec![
        fill(&|at| format!("  j{at}: {{name: a, if: b, needs: c}}\n")),
        fill(&|at| format!("  j{at}: {{steps: [{{id: x, run: y, continue-on-error: true}}]}}\n")),
        fill(&|_| "  # coalmine: ignore GW004 -- x\n".to_owned()),
        fill(&|at| format!("  j{at}: {{uses: a/b@v1}} # coalmine: ignore GW014 -- x\n")),
        format!("name: x\non: [{}]\njobs: {{{}}}\n", "a, ".repeat(4_000), "b: {if: c}, ".repeat(800)),
        format!("{head}  a:\n    steps:\n      - run: |\n          {}\n", "git log | head ".repeat(5_000)),
        format!("{head}  a:\n    steps:\n      - run: {}\n", "$(curl %{http_code} ".repeat(8_000)),
        format!("{head}  a:\n    steps:\n      - run: {}\n", "http://a:b:${{ x }}".repeat(8_000)),
        format!("name: {long}\non: pull_request\njobs: {{a: {{name: 'b / c'}}}}\n"),
        format!(
            "x: &x [1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6]\n{head}{}",
            (0..30)
                .map(|at| format!("  j{at}: {{strategy: {{matrix: {{a: *x, b: *x}}}}}}\n"))
                .collect::<String>()
        ),
        format!(
            "x: &x {}\n{head}{}",
            "L".repeat(400_000),
            (0..2_000).map(|at| format!("  j{at}: {{name: *x}}\n")).collect::<String>()
        ),
        format!("on: x\njobs: {}", "[".repeat(900_000)),
        format!("on: x\njobs: {}", "- ".repeat(400_000)),
        format!("on: x\njobs: {}", "? ".repeat(400_000)),
        "\u{feff}".repeat(300_000),
        "\n#".repeat(450_000),
    ]
}

#[test]
fn heavy_files_end_soon() {
    for (at, text) in heavy().iter().enumerate() {
        let start = Instant::now();
        let report = lint(&[Source::new(".gitea/workflows/a.yml", text.as_str())], &LintOptions::default());
        assert!(report.findings.len() <= 5_000);
        let spent = start.elapsed();
        assert!(spent < Duration::from_secs(60), "file {at} took {spent:?}");
    }
}
