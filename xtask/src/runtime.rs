//! `cargo xtask runtime <family…>`: the images of runtime families from `runtimes/<family>/`.

use std::fmt;

use clap::{Args, ValueEnum};

use crate::{failure::Failure, printer::Printer, repository, tool};

/// Images that replace the bases of Dockerfiles if they exist, for machines that reach no image registry.
const LOCAL_BASES: [(&str, &str); 2] =
    [("python:", "coalmine/base-python:bookworm"), ("node:", "coalmine/base-node:24")];

#[derive(Debug, Args)]
pub(crate) struct RuntimeArguments {
    /// Folders of `runtimes/`, or `all`
    #[arg(required = true, value_name = "FAMILY")]
    families: Vec<String>,
    /// The image to build on; by default what `docker/` made if it exists, else the Dockerfile's own
    #[arg(long, env = "BASE", value_name = "IMAGE")]
    base: Option<String>,
    /// Which variant to build: `coalmine/<family>:dev` is the good one
    #[arg(long, value_enum, default_value_t)]
    variant: Variant,
}

/// How a family's agent is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Variant {
    /// The agent keeps its conversations
    #[default]
    Good,
    /// The agent as people write it first, which does not
    Naive,
}

impl Variant {
    /// Returns the image of a family in this variant.
    fn image(self, family: &str) -> String {
        let tag = match self {
            Self::Good => "dev",
            Self::Naive => "naive",
        };
        format!("coalmine/{family}:{tag}")
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Good => "good",
            Self::Naive => "naive",
        })
    }
}

pub(crate) fn build(arguments: &RuntimeArguments, printer: &mut Printer) -> Result<(), Failure> {
    let known = families()?;
    if let Some(unknown) =
        arguments.families.iter().find(|family| *family != "all" && !known.contains(family))
    {
        return Err(Failure::new(format!("unknown runtime family `{unknown}`"))
            .hint(format!("use `all`, or some of {}", known.join(", "))));
    }
    tool::need_engine()?;
    let is_all = arguments.families.iter().any(|family| family == "all");
    for family in if is_all { &known } else { &arguments.families } {
        build_one(family, arguments, printer)?;
    }
    Ok(())
}

fn build_one(family: &str, arguments: &RuntimeArguments, printer: &mut Printer) -> Result<(), Failure> {
    let folder = repository::root().join("runtimes");
    let dockerfile = folder.join(family).join("Dockerfile");
    let mut bases = local_bases(&fs_err::read_to_string(&dockerfile)?);
    bases.retain(|(_, image)| tool::image_size(image).is_some());
    if let Some(base) = arguments.base.as_deref().filter(|base| !base.is_empty()) {
        bases.retain(|(name, _)| name != "BASE");
        bases.push(("BASE".to_owned(), base));
    }
    let tag = arguments.variant.image(family);
    let named: Vec<_> = bases.iter().map(|(_, image)| *image).collect();
    printer.note(format_args!(
        "building {tag} on {}",
        if named.is_empty() { "the Dockerfile's own base".to_owned() } else { named.join(" and ") }
    ));
    let mut build = tool::docker_build(&tag);
    for (name, image) in bases {
        build.args(["--build-arg", &format!("{name}={image}")]);
    }
    build.args(["--build-arg", &format!("VARIANT={}", arguments.variant)]);
    build.args(["--file", dockerfile.as_str(), folder.as_str()]);
    tool::run(&mut build, &format!("could not build `{tag}`"))?;
    let bytes = tool::image_size(&tag).unwrap_or_default();
    printer.result(format_args!("{tag}  {} MB", bytes / 1_000_000));
    Ok(())
}

/// Returns the arguments of a Dockerfile that name a base, each with the local image for it.
fn local_bases(dockerfile: &str) -> Vec<(String, &'static str)> {
    let argument = |line: &str| {
        let (name, own) = line.strip_prefix("ARG ")?.split_once('=')?;
        let (_, local) = LOCAL_BASES.into_iter().find(|(family, _)| own.starts_with(family))?;
        Some((name.to_owned(), local))
    };
    dockerfile.lines().filter_map(argument).collect()
}

/// Returns the folders of `runtimes/` with a Dockerfile, sorted.
fn families() -> Result<Vec<String>, Failure> {
    let mut families = vec![];
    for entry in repository::root().join("runtimes").read_dir_utf8()? {
        let entry = entry?;
        if entry.path().join("Dockerfile").exists() {
            families.push(entry.file_name().to_owned());
        }
    }
    families.sort();
    Ok(families)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_base_has_its_local_image() {
        let dockerfile =
            "ARG BASE=python:3.12-slim\nARG NODE_BASE=node:24-slim\nFROM ${BASE}\nARG VARIANT=good\n";
        let node = ("NODE_BASE".to_owned(), "coalmine/base-node:24");
        assert_eq!(local_bases(dockerfile), [("BASE".to_owned(), "coalmine/base-python:bookworm"), node]);
        assert_eq!(local_bases("ARG BASE=node:24-slim\n"), [("BASE".to_owned(), "coalmine/base-node:24")]);
        assert_eq!(local_bases("ARG BASE=alpine:3\nFROM node:24\n"), []);
    }
}
