//! Images that a repository builds, with the `docker` command: it alone knows the machine's builders and credentials.

use std::{
    io::{ErrorKind, Write},
    process::{Command, Stdio},
};

use camino::Utf8Path;

use crate::{
    arguments::RunArguments,
    failure::Failure,
    printer::Printer,
    project::{Build, Plan, Root},
};

/// Builds the images of a plan, unless `--built` says that they exist. Returns them with their tags.
pub(super) fn all(
    plan: &Plan,
    flags: &RunArguments,
    printer: &mut Printer,
) -> Result<Vec<(Build, String)>, Failure> {
    let named = flags.names_target();
    if let Some(prefix) = &flags.built {
        return Ok(super::owned(plan.builds(named, prefix)));
    }
    let builds = super::owned(plan.builds(named, &own_prefix()));
    for (build, tag) in &builds {
        if !flags.quiet {
            printer.note(format_args!("building {tag} from `{}`", build.context));
        }
        docker_build(&build.arguments(&plan.root, tag)?)?;
    }
    Ok(builds)
}

fn docker_build(arguments: &[String]) -> Result<(), Failure> {
    let mut build = Command::new("docker");
    // stdout is for results
    build.arg("build").args(arguments).stdin(Stdio::null()).stdout(std::io::stderr());
    match build.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new("could not build the image")
            .because(format_args!("`docker build` ended with {status}"))
            .hint("read what it printed above")),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(Failure::new("could not build the image: there is no `docker` command")
                .hint("install it, or build the image in another way and name it with `--image`"))
        }
        Err(error) => Err(Failure::new("could not start `docker build`").because(error)),
    }
}

/// Returns the name of this folder's images. Two folders of the same name do not share it.
fn own_prefix() -> String {
    let here = Utf8Path::new(".").canonicalize_utf8().unwrap_or_default();
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in here.as_str().bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let name: String = here.file_name().unwrap_or_default().to_ascii_lowercase();
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    format!("coalmine-build/{name}-{hash:016x}").replace("/-", "/")
}

/// Prints the arguments of `docker build` for the images of a plan, for a script that builds them: every word ends with
/// a NUL, and every image with an empty word.
pub(in crate::commands) fn print_builds(base: Option<&Utf8Path>, prefix: &str) -> Result<u8, Failure> {
    let mut text = String::new();
    if let Some(plan) = Plan::read(base)? {
        for (build, tag) in plan.builds(false, prefix) {
            for word in arguments(build, &plan.root, &tag)? {
                text.push_str(&word);
                text.push('\0');
            }
            text.push('\0');
        }
    }
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Failure::new("could not print what is built").because(error))?;
    Ok(0)
}

/// Returns the arguments, which no NUL can split.
fn arguments(build: &Build, root: &Root, tag: &str) -> Result<Vec<String>, Failure> {
    let words = build.arguments(root, tag)?;
    if words.iter().any(|word| word.contains('\0') || word.is_empty()) {
        return Err(Failure::new("a value of `build` has a NUL in it").hint("remove it"));
    }
    Ok(words)
}
