//! Asking every rule about every server.

use std::collections::{HashMap, HashSet};

use super::{
    LintOptions, Rule, Server,
    rule::Check,
    rules,
    scope::{File, FileScope, Found, SetScope},
    version::STEPS,
};

/// What was found, and the servers that it holds for.
pub(super) type Hits = Vec<((&'static Rule, Found), Vec<Server>)>;

/// Asks every rule about every server, whatever the targets are: an ignore may be about another version.
pub(super) fn hits(files: &[(usize, &File<'_>)], options: &LintOptions) -> Hits {
    let mut servers: Vec<Server> = STEPS.into_iter().map(Server::Gitea).chain([Server::Github]).collect();
    servers.extend(files.iter().flat_map(|(_, file)| file.source.target.servers()));
    servers.extend(options.base.iter().flatten().flat_map(|source| source.target.servers()));
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
            // a change may remove all files of a forge
            let base = options.base.iter().flatten();
            let was_asked = base.map(|source| source.target).any(|target| target.servers().contains(&server));
            if !asked.is_empty() || was_asked {
                check(&mut SetScope { all: files, files: &asked, server, options, found: &mut all });
            }
        }
        Check::Ignores => {}
    }
    // a rule may see the same thing twice on one server
    let mut seen = HashSet::new();
    all.retain(|found| seen.insert(found.clone()));
    all
}
