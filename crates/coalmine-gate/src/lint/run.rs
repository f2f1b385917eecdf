//! Running all rules for all servers, and merging what they found.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    Finding, LintOptions, Rule, Server, Severity, Source, Target,
    finding::ranges,
    ignore::{Ignore, covering, ignores},
    rule::Check,
    rules,
    scope::{File, FileScope, Found, SetScope},
    version::STEPS,
    workflow::WorkflowError,
    yaml::MAX_BYTES,
};

/// The most findings of a run that are kept, errors first.
const MAX_FINDINGS: usize = 1_000;

/// What the lint found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LintReport {
    /// The findings in the order of the files and their lines.
    pub findings: Vec<Finding>,
    /// How many findings were dropped, because there were too many.
    pub dropped: usize,
    /// The files that are no workflows, by their index, and why.
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
            findings.extend(finding(rule, found, &servers, sources));
        }
    }
    findings.extend(rules::about_ignores(&comments, &used, options));
    findings.sort_by_key(|finding| {
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

/// What was found, and the servers that it holds for.
type Hits = Vec<((&'static Rule, Found), Vec<Server>)>;

/// Asks every rule about every server, whatever the targets are: an ignore may be about another version.
fn hits(files: &[(usize, &File<'_>)], options: &LintOptions) -> Hits {
    let mut servers: Vec<Server> = STEPS.into_iter().map(Server::Gitea).chain([Server::Github]).collect();
    servers.extend(files.iter().flat_map(|(_, file)| file.source.target.servers()));
    servers.sort_unstable();
    servers.dedup();
    let mut order: HashMap<(&'static str, Found), usize> = HashMap::new();
    let mut hits: Hits = vec![];
    for server in servers {
        for rule in rules::ALL.iter().filter(|rule| rule.applies.to(server)) {
            for found in ask(rule, server, files, options) {
                let at = *order.entry((rule.id, found.clone())).or_insert(hits.len());
                match hits.get_mut(at) {
                    Some((_, servers)) => servers.push(server),
                    None => hits.push(((rule, found), vec![server])),
                }
            }
        }
    }
    hits
}

fn ask(rule: &Rule, server: Server, files: &[(usize, &File<'_>)], options: &LintOptions) -> Vec<Found> {
    let mut all = vec![];
    match rule.check {
        Check::File(check) => {
            for (index, file) in files {
                let Ok(workflow) = &file.parsed else {
                    all.extend(rules::about_yaml(rule, *index, file));
                    continue;
                };
                let mut found = vec![];
                let (text, path) = (file.source.text.as_str(), file.source.path.as_str());
                check(&mut FileScope {
                    index: *index,
                    file,
                    text,
                    path,
                    workflow,
                    server,
                    options,
                    found: &mut found,
                });
                all.append(&mut found);
            }
        }
        Check::Set(check) => {
            let asked: Vec<(usize, &File<'_>)> = files
                .iter()
                .filter(|(_, file)| file.source.target.servers().contains(&server))
                .copied()
                .collect();
            if !asked.is_empty() {
                check(&mut SetScope { files: &asked, server, options, found: &mut all });
            }
        }
        Check::Ignores => {}
    }
    // a rule may see the same thing twice on one server
    let mut seen = HashSet::new();
    all.retain(|found| seen.insert(found.clone()));
    all
}

/// Returns the ignore that a finding falls under: its file and its place in the list.
fn ignoring(rule: &Rule, found: &Found, comments: &BTreeMap<usize, Vec<Ignore>>) -> Option<(usize, usize)> {
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
fn finding(rule: &'static Rule, found: Found, servers: &[Server], sources: &[Source]) -> Option<Finding> {
    let target = match found.file.and_then(|file| sources.get(file)) {
        Some(source) => source.target,
        None => sources
            .iter()
            .map(|source| source.target)
            .find(|target| target.servers().iter().any(|server| servers.contains(server)))?,
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
