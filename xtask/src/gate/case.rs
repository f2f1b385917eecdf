//! Template repositories, and what the gate has to say about them.

/// A pull request in a small template repository.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) forge: Forge,
    /// Whether the base branch has a `coalmine.toml`.
    pub(super) base: Base,
    /// The Dockerfile of the pull request.
    pub(super) dockerfile: &'static str,
    /// More lines of the pull request's `coalmine.toml`.
    pub(super) toml: &'static str,
    /// A symbolic link of the pull request: its name, and where it leads.
    pub(super) link: Option<(&'static str, &'static str)>,
    /// The name of the base branch.
    pub(super) branch: &'static str,
    /// The exit code of the step.
    pub(super) code: u8,
    /// What the log has to contain.
    pub(super) says: &'static [&'static str],
    /// Files of the artifact.
    pub(super) artifacts: &'static [&'static str],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Forge {
    Gitea,
    Github,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    /// It has one, with the tool's image.
    Present,
    /// It has one without the tool's image.
    NoTool,
    /// It has none: the pull request brings the gate.
    Absent,
}

const GREEN: &str = "FROM coalmine/reference:dev\n";
const RED: &str = "FROM coalmine/reference:dev\nENV COALMINE_FAULT=session.global\n";
const GROUPS: &[&str] =
    &["::group::Check out", "::group::Build the image", "::group::Artifacts", "::endgroup::"];
const ONE: &[&str] = &["out/summary.json", "out/junit.xml", "out/report.html", "out/gate.json"];

const BASIS: Case = Case {
    name: "",
    forge: Forge::Gitea,
    base: Base::Present,
    dockerfile: GREEN,
    toml: "",
    link: None,
    branch: "main",
    code: 0,
    says: GROUPS,
    artifacts: ONE,
};

/// All cases.
pub(super) const CASES: [Case; 13] = [
    Case { name: "gitea green", ..BASIS },
    Case { name: "gitea red", dockerfile: RED, code: 1, says: &["session.", "::error"], ..BASIS },
    Case { name: "github green", forge: Forge::Github, ..BASIS },
    Case { name: "github red", forge: Forge::Github, dockerfile: RED, code: 1, ..BASIS },
    Case { name: "onboarding", base: Base::Absent, says: &["the base branch has no coalmine.toml"], ..BASIS },
    // the pull request selects what its image passes
    Case {
        name: "hollowed out",
        dockerfile: RED,
        toml: "canaries = [\"agent-card\"]\n",
        code: 1,
        says: &["this pull request changes its own gate", "`canaries` in coalmine.toml"],
        artifacts: &["out/base/summary.json", "out/head/summary.json", "out/gate.json"],
        ..BASIS
    },
    // the pull request has another, good image judged
    Case {
        name: "another image",
        dockerfile: RED,
        toml: "build = { dockerfile = \"Good\" }\n",
        code: 1,
        says: &["`build` in coalmine.toml"],
        artifacts: &["out/base/summary.json", "out/head/summary.json"],
        ..BASIS
    },
    Case {
        name: "cannot be built",
        dockerfile: "FROM coalmine/reference:dev\nRUN no-such-shell\n",
        code: 2,
        says: &["could not build the image"],
        artifacts: &[],
        ..BASIS
    },
    Case {
        name: "no tool",
        base: Base::NoTool,
        code: 2,
        says: &["coalmine.toml of the base has no `tool-image`"],
        artifacts: &[],
        ..BASIS
    },
    Case {
        name: "linked Dockerfile",
        link: Some(("Dockerfile", "/etc/passwd")),
        code: 2,
        says: &["leads out of the repository"],
        artifacts: &[],
        ..BASIS
    },
    Case {
        name: "linked coalmine.toml",
        link: Some(("coalmine.toml", "/proc/self/environ")),
        code: 2,
        says: &["leads out of the repository"],
        artifacts: &["out/base/summary.json"],
        ..BASIS
    },
    Case {
        name: "no place for artifacts",
        dockerfile: RED,
        code: 1,
        says: &["the artifacts could not be uploaded"],
        artifacts: &[],
        ..BASIS
    },
    Case { name: "strange branch", branch: "a\";$(touch${IFS}ran)'&&|`b", ..BASIS },
];

/// What was seen of a case.
#[derive(Debug)]
pub(super) struct Seen {
    /// Whether the runner was content.
    pub(super) success: bool,
    pub(super) log: String,
    /// The names in the artifact.
    pub(super) artifacts: Vec<String>,
}

impl Case {
    /// Returns what is not as it has to be.
    pub(super) fn problems(&self, seen: &Seen) -> Vec<String> {
        let mut problems = vec![];
        if seen.success != (self.code == 0) {
            problems.push(format!("the job ended with {}", if seen.success { "success" } else { "failure" }));
        }
        let code = format!("exit code {}: ", self.code);
        if !seen.log.contains(&code) {
            problems.push(format!("no `{code}` in the log"));
        }
        problems.extend(
            self.says
                .iter()
                .filter(|text| !seen.log.contains(**text))
                .map(|text| format!("it does not say `{text}`")),
        );
        let has = |name: &str| seen.artifacts.iter().any(|found| found == name);
        problems.extend(
            self.artifacts.iter().filter(|name| !has(name)).map(|name| format!("no artifact {name}")),
        );
        for secret in ["root:x:0", super::runner::TOKEN] {
            if seen.log.contains(secret) {
                problems.push(format!("the log shows `{secret}`"));
            }
        }
        problems
    }
}
