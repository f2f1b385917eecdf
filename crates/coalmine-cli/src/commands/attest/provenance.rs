//! What a run is made of: the binary, the canaries, the profile, the workflow, and how it was started.

use camino::{Utf8Path, Utf8PathBuf};
use coalmine::{plan::builtin, run::Options};
use coalmine_attest::{CanarySet, JudgedImage, Mode, Named, Provenance, Sha256};
use fs_err::File;

use crate::{arguments::RunArguments, canaries, context::Context, failure::Failure, files};

/// Everything about a run that is known before it.
#[derive(Debug, Clone)]
pub(super) struct Known {
    binary: Sha256,
    canaries: CanarySet,
    profile: Named,
    pub(super) workflow: Option<Named>,
    mode: Mode,
}

impl Known {
    pub(super) fn read(
        arguments: &RunArguments,
        raw: &[String],
        options: &Options,
        context: &Context,
    ) -> Result<Self, Failure> {
        let all = canaries::loaded(&arguments.own.canaries)?;
        let mut set = CanarySet::default();
        for script in &options.scripts {
            let id = &script.canary.id;
            let loaded = all.iter().find(|loaded| loaded.canary.id == *id);
            let loaded = loaded.ok_or_else(|| Failure::new(format!("the file of canary `{id}` is gone")))?;
            set.add(id, loaded.text());
        }
        let mode = Mode {
            lenient: arguments.lenient,
            selection: options.scripts.len() < all.len(),
            injected_fault: arguments.fault.is_some() || arguments.model_fault.is_some(),
            options: names(raw),
        };
        let (binary, profile) = (binary()?, profile(arguments, options)?);
        Ok(Self { binary, canaries: set, profile, workflow: workflow(arguments, context)?, mode })
    }

    pub(super) fn with(&self, image: JudgedImage) -> Provenance {
        let Self { binary, canaries, profile, workflow, mode } = self.clone();
        Provenance { image, binary, canaries, profile, workflow, mode }
    }
}

/// Returns the digest of this program, as it runs: the file may have been replaced.
fn binary() -> Result<Sha256, Failure> {
    let failed = |error| Failure::new("could not read this program to attest the run").because(error);
    let running = std::path::Path::new("/proc/self/exe");
    let path = if running.exists() { running.to_owned() } else { std::env::current_exe().map_err(failed)? };
    File::open(path).and_then(Sha256::of_reader).map_err(failed)
}

fn profile(arguments: &RunArguments, options: &Options) -> Result<Named, Failure> {
    let given = arguments.profile.as_deref().unwrap_or(&options.profile.name);
    let text = match builtin::profile_text(given) {
        Some(text) => text.to_owned(),
        None => files::read(Utf8Path::new(given))?,
    };
    Ok(Named { name: options.profile.name.clone(), digest: Sha256::of(text.as_bytes()) })
}

/// Returns the workflow file that is given, or the one that the environment names, if it is there.
fn workflow(arguments: &RunArguments, context: &Context) -> Result<Option<Named>, Failure> {
    let named =
        |path: &Utf8Path, text: &str| Named { name: path.to_string(), digest: Sha256::of(text.as_bytes()) };
    if let Some(file) = &arguments.attest.workflow {
        return Ok(Some(named(file, &files::read(file)?)));
    }
    let variable = |name: &str| context.host.text(name);
    let Some(path) = variable("GITHUB_WORKFLOW_REF").and_then(in_repository) else { return Ok(None) };
    let workspace = Utf8PathBuf::from(variable("GITHUB_WORKSPACE").unwrap_or("."));
    Ok(files::read(&workspace.join(&path)).ok().map(|text| named(&path, &text)))
}

/// Returns the path of `owner/repository/path@ref`, if it stays in the repository.
fn in_repository(workflow_ref: &str) -> Option<Utf8PathBuf> {
    let (path, _) = workflow_ref.split_once('@')?;
    let path = Utf8PathBuf::from(path.splitn(3, '/').nth(2)?);
    let is_inside = path.components().all(|part| matches!(part, camino::Utf8Component::Normal(_)));
    (is_inside && !path.as_str().is_empty()).then_some(path)
}

/// Returns the names of the options in a command line, without their values, which may be secret.
fn names(raw: &[String]) -> Vec<String> {
    let fits = |c: char| c.is_ascii_lowercase() || c == '-';
    let name = |word: &String| match word.strip_prefix("--") {
        Some(long) => {
            let long = long.split('=').next().unwrap_or_default();
            (!long.is_empty() && long.chars().all(fits)).then(|| format!("--{long}"))
        }
        None => {
            let short = word.strip_prefix('-')?.chars().next()?;
            short.is_ascii_lowercase().then(|| format!("-{short}"))
        }
    };
    let mut names: Vec<String> = raw.iter().filter_map(name).collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_named_without_their_values() {
        let raw = [
            "--image",
            "x",
            "-eKEY=secret",
            "--env=TOKEN=secret",
            "--SECRET",
            "-",
            "--",
            "--attest",
            "--image",
        ];
        assert_eq!(names(&raw.map(str::to_owned)), ["--attest", "--env", "--image", "-e"]);
    }

    #[test]
    fn the_workflow_stays_in_its_repository() {
        let path = |text| in_repository(text).map(Utf8PathBuf::into_string);
        let gate = "o/r/.github/workflows/gate.yml@refs/heads/a@b";
        assert_eq!(path(gate), Some(".github/workflows/gate.yml".to_owned()));
        for bad in ["", "o/r@x", "o/r/@x", "o/r/../../etc/passwd@x", "o/r//etc/passwd@x", "o/r/a.yml"] {
            assert_eq!(path(bad), None, "{bad}");
        }
    }
}
