//! act, the runner, and actionlint: pinned, installed by Go into `target/gate`.

use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use super::{
    case::{Case, Forge, Seen},
    repository::{NAME, Template},
    server::Server,
};
use crate::{failure::Failure, printer::Printer, repository, tool};

const ACT: &str = "github.com/nektos/act@v0.2.89";
const ACTIONLINT: &str = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";
/// The token of the job, which git has to send and nothing may print.
pub(super) const TOKEN: &str = "token-of-the-job-4711";

/// The installed programs.
#[derive(Debug)]
pub(super) struct Runner {
    programs: Utf8PathBuf,
    /// Where jobs run, as act's `-P` takes it.
    place: String,
}

impl Forge {
    /// Returns the name of the canonical workflow.
    pub(super) fn workflow(self) -> &'static str {
        match self {
            Self::Gitea => "session-continuity-e2e.yml",
            Self::Github => "session-continuity-e2e.github.yml",
        }
    }
}

impl Runner {
    /// Installs the programs, unless they are there.
    pub(super) fn install(container: Option<String>, printer: &mut Printer) -> Result<Self, Failure> {
        let programs = repository::target("gate").join("bin");
        fs::create_dir_all(&programs)?;
        for module in [ACT, ACTIONLINT] {
            let (path, version) = module.split_once('@').unwrap_or((module, ""));
            let name = path.rsplit('/').next().unwrap_or(path);
            let stamp = programs.join(format!("{name}-{version}"));
            if stamp.exists() && programs.join(name).exists() {
                continue;
            }
            printer.note(format_args!("installing {module}"));
            let mut go = Command::new("go");
            go.args(["install", module]).env("GOBIN", &programs).stdin(Stdio::null());
            tool::run_silently(&mut go, &format!("could not install {module}"))
                .map_err(|failure| failure.hint("install Go 1.24 or newer"))?;
            fs::write(stamp, "")?;
        }
        let place = container.unwrap_or_else(|| "-self-hosted".to_owned());
        Ok(Self { programs, place })
    }

    /// Has actionlint check what GitHub runs.
    pub(super) fn lint(&self) -> Result<(), Failure> {
        let mut lint = Command::new(self.programs.join("actionlint"));
        lint.current_dir(repository::root()).args(["-config-file", ".github/actionlint.yaml"]);
        lint.arg("local-e2e/templates/session-continuity-e2e.github.yml");
        match lint.stdin(Stdio::null()).output() {
            Ok(done) if done.status.success() => Ok(()),
            Ok(done) => {
                Err(Failure::new("actionlint has findings").because(String::from_utf8_lossy(&done.stdout)))
            }
            Err(error) => Err(Failure::new("could not start actionlint").because(error)),
        }
    }

    /// Runs the workflow of a case.
    pub(super) fn run(
        &self,
        case: &Case,
        template: &Template,
        server: &Server,
        scratch: &Utf8Path,
    ) -> Result<Seen, Failure> {
        server.serve(&template.served);
        let folder = scratch.join(format!("{}-runner", case.name.replace(' ', "-")));
        let (artifacts, temporary) = (folder.join("artifacts"), folder.join("temporary"));
        for folder in [&artifacts, &temporary] {
            fs::create_dir_all(folder)?;
        }
        let event = folder.join("event.json");
        let change = serde_json::json!({
            "number": 1,
            "pull_request": { "number": 1, "base": { "ref": case.branch }, "head": { "ref": "change" } },
        });
        fs::write(&event, change.to_string())?;
        let mut act = Command::new(self.programs.join("act"));
        act.current_dir(&template.tree).arg("pull_request").args(["-W", ".github/workflows/gate.yml"]);
        for label in ["docker-host", "ubuntu-24.04"] {
            act.args(["-P", &format!("{label}={}", self.place)]);
        }
        act.args(["--no-cache-server", "--pull=false", "--rm"]);
        act.args(["--eventpath", event.as_str(), "-s", &format!("GITHUB_TOKEN={TOKEN}")]);
        if case.name != "no place for artifacts" {
            act.args(["--artifact-server-path", artifacts.as_str(), "--artifact-server-addr", "127.0.0.1"]);
            act.args(["--artifact-server-port", &server.free_port()?.to_string()]);
        }
        act.args(["--action-cache-path", folder.join("actions").as_str()]);
        for (name, value) in [
            ("GITHUB_SERVER_URL", format!("http://{}", server.address())),
            ("GITHUB_REPOSITORY", NAME.to_owned()),
            ("GITEA_ACTIONS", if case.forge == Forge::Gitea { "true" } else { "" }.to_owned()),
        ] {
            act.args(["--env", &format!("{name}={value}")]);
        }
        let stand_in = repository::root().join("xtask/src/gate/upload-artifact");
        for (action, folder) in [
            ("coalmine/coalmine@0000000000000000000000000000000000000000", own_action(&folder)?),
            ("actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02", stand_in),
        ] {
            act.args(["--local-repository", &format!("{action}={folder}")]);
        }
        act.env("DOCKER_BUILDKIT", "0").env("TMPDIR", &temporary).env("STAND_IN_ARTIFACTS", &artifacts);
        act.args(["--env", &format!("STAND_IN_ARTIFACTS={artifacts}"), "--env", "DOCKER_BUILDKIT=0"]);
        let done = act.stdin(Stdio::null()).output();
        let done = done.map_err(|error| Failure::new("could not start act").because(error))?;
        let log = [done.stdout, done.stderr].concat();
        Ok(Seen {
            success: done.status.success(),
            log: String::from_utf8_lossy(&log).into_owned(),
            artifacts: names(&artifacts)?,
        })
    }
}

/// Returns a folder with what the action of this repository consists of.
fn own_action(folder: &Utf8Path) -> Result<Utf8PathBuf, Failure> {
    let own = folder.join("own-action");
    for file in ["action.yml", "local-e2e/scripts/gate.sh"] {
        let to = own.join(file);
        fs::create_dir_all(to.parent().unwrap_or(&own))?;
        fs::copy(repository::root().join(file), to)?;
    }
    Ok(own)
}

/// Returns the names in the archive below a folder.
fn names(folder: &Utf8Path) -> Result<Vec<String>, Failure> {
    let found = tool::output(
        Command::new("find").args([folder.as_str(), "-name", "*.tar.gz", "-type", "f"]),
        "could not look for artifacts",
    )?;
    let Some(archive) = found.lines().next() else { return Ok(vec![]) };
    let listed = tool::output(Command::new("tar").args(["-tzf", archive]), "could not read the artifact")?;
    Ok(listed.lines().map(str::to_owned).collect())
}
