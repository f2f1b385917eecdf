//! `cargo xtask runtime <family…>`: the images of runtime families from `runtimes/<family>/`.

use std::fmt;

use clap::{Args, ValueEnum};

use crate::{failure::Failure, printer::Printer, repository, tool};

/// The base that is preferred if it exists, for machines that reach no image registry.
const LOCAL_BASE: &str = "coalmine/base-python:bookworm";

#[derive(Debug, Args)]
pub(crate) struct RuntimeArguments {
    /// Folders of `runtimes/`, or `all`
    #[arg(required = true, value_name = "FAMILY")]
    families: Vec<String>,
    /// The image to build on; by default `coalmine/base-python:bookworm` if it exists, else the Dockerfile's own
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
    let base = arguments.base.clone().filter(|base| !base.is_empty());
    let base = base.or_else(|| tool::image_size(LOCAL_BASE).map(|_| LOCAL_BASE.to_owned()));
    let tag = arguments.variant.image(family);
    printer
        .note(format_args!("building {tag} on {}", base.as_deref().unwrap_or("the Dockerfile's own base")));
    let folder = repository::root().join("runtimes");
    let mut build = tool::docker_build(&tag);
    if let Some(base) = &base {
        build.args(["--build-arg", &format!("BASE={base}")]);
    }
    build.args(["--build-arg", &format!("VARIANT={}", arguments.variant)]);
    build.args(["--file", folder.join(family).join("Dockerfile").as_str(), folder.as_str()]);
    tool::run(&mut build, &format!("could not build `{tag}`"))?;
    let bytes = tool::image_size(&tag).unwrap_or_default();
    printer.result(format_args!("{tag}  {} MB", bytes / 1_000_000));
    Ok(())
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
