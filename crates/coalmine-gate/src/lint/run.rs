//! The lint: all rules for all servers, merged, without what comments ignore.

use std::collections::{BTreeMap, HashSet};

use super::{
    Finding, LintOptions, Rule, Server, Severity, Source, Target,
    finding::ranges,
    hits::hits,
    ignore::{Ignore, covering, ignores},
    rules,
    scope::{File, Found},
    workflow::WorkflowError,
    yaml::MAX_BYTES,
};

/// The most findings of a run that are kept, errors first.
const MAX_FINDINGS: usize = 5_000;

/// What the lint found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LintReport {
    /// The findings in the order of the files and their lines.
    pub findings: Vec<Finding>,
    /// How many findings were dropped, because there were too many.
    pub dropped: usize,
    /// The files that are not workflows, by their index, and why.
    pub unreadable: Vec<(usize, String)>,
    /// How many findings were ignored by comments.
    pub ignored: usize,
}

impl LintReport {
    /// Returns whether something breaks the gate.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// Judges workflow files. Never fails: what cannot be read is part of the report.
pub fn lint(sources: &[Source], options: &LintOptions) -> LintReport {
    let files: Vec<File<'_>> = sources.iter().map(File::read).collect();
    let mut report = LintReport::default();
    let mut readable = vec![];
    for (index, file) in files.iter().enumerate() {
        match unreadable(file) {
            Some(reason) => report.unreadable.push((index, reason)),
            None => readable.push((index, file)),
        }
    }
    let comments: BTreeMap<usize, Vec<Ignore>> =
        readable.iter().map(|(index, file)| (*index, ignores(&file.source.text))).collect();
    let hits = hits(&readable, options);
    let mut used = HashSet::new();
    let mut findings: Vec<Finding> = vec![];
    for (hit, servers) in hits {
        let (rule, found) = hit;
        if let Some(ignore) = ignoring(rule, &found, &comments) {
            used.insert((ignore.0, ignore.1, rule.id));
            report.ignored += usize::from(is_asked(&servers, &found, sources));
        } else {
            findings.extend(finding(rule, found, &servers, sources, options));
        }
    }
    findings.extend(rules::about_ignores(&comments, &used, options));
    findings.sort_by_cached_key(|finding| {
        let start = finding.span.as_ref().map(|span| span.start);
        (finding.file.is_none(), finding.file, start, finding.rule.id, finding.message.clone())
    });
    if findings.len() > MAX_FINDINGS {
        report.dropped = findings.len() - MAX_FINDINGS;
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        let (mut errors, mut warnings) = (MAX_FINDINGS.min(errors), MAX_FINDINGS.saturating_sub(errors));
        findings.retain(|finding| {
            let left = if finding.severity == Severity::Error { &mut errors } else { &mut warnings };
            let keep = *left > 0;
            *left = left.saturating_sub(1);
            keep
        });
    }
    report.findings = findings;
    report
}

fn unreadable(file: &File<'_>) -> Option<String> {
    match &file.parsed {
        Err(error @ WorkflowError::NotAWorkflow) => Some(error.to_string()),
        _ if file.source.text.len() > MAX_BYTES => {
            Some(format!("the file is longer than {} KiB", MAX_BYTES >> 10))
        }
        _ => None,
    }
}

/// Returns the ignore that a finding falls under: its file and its place in the list.
fn ignoring(rule: &Rule, found: &Found, comments: &BTreeMap<usize, Vec<Ignore>>) -> Option<(usize, usize)> {
    // a copy that is not identical proves nothing, whatever it says about that
    if rule.id == "GW018" {
        return None;
    }
    let (file, span) = (found.file?, found.span.as_ref()?);
    covering(comments.get(&file)?, rule.id, span.start).map(|at| (file, at))
}

fn is_asked(servers: &[Server], found: &Found, sources: &[Source]) -> bool {
    found.file.and_then(|file| sources.get(file)).is_none_or(|source| {
        let asked = source.target.servers();
        servers.iter().any(|server| asked.contains(server))
    })
}

/// Returns the finding, if a server that was asked about was hit.
fn finding(
    rule: &'static Rule,
    found: Found,
    servers: &[Server],
    sources: &[Source],
    options: &LintOptions,
) -> Option<Finding> {
    let is_hit = |target: &Target| target.servers().iter().any(|server| servers.contains(server));
    let target = match found.file.and_then(|file| sources.get(file)) {
        Some(source) => source.target,
        None => {
            sources.iter().chain(options.base.iter().flatten()).map(|source| source.target).find(is_hit)?
        }
    };
    let asked = target.servers();
    let hit: Vec<Server> = servers.iter().copied().filter(|server| asked.contains(server)).collect();
    if hit.is_empty() {
        return None;
    }
    let versions = ranges(&hit, target);
    let is_unmeasured_forge = matches!(target, Target::Forgejo(_));
    let doubtful = is_unmeasured_forge && !versions.is_empty();
    Some(Finding {
        rule,
        severity: if doubtful { Severity::Warning } else { found.severity },
        file: found.file,
        span: found.span,
        message: found.message,
        help: found.help,
        versions,
        is_unmeasured_forge,
    })
}
