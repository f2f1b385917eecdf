//! `cargo xtask runtime <family>`: the image of a runtime family from `runtimes/<family>/`.

use clap::Args;

use crate::{failure::Failure, printer::Printer, repository, tool};

/// The base that is preferred if it exists, for machines that reach no image registry.
const LOCAL_BASE: &str = "coalmine/base-python:bookworm";

#[derive(Debug, Args)]
pub(crate) struct RuntimeArguments {
    /// A folder of `runtimes/`
    family: String,
    /// The image to build on; by default `coalmine/base-python:bookworm` if it exists, else the Dockerfile's own
    #[arg(long, env = "BASE", value_name = "IMAGE")]
    base: Option<String>,
    /// Build the variant that forgets, as `coalmine/<family>:naive`
    #[arg(long)]
    naive: bool,
}

pub(crate) fn build(arguments: &RuntimeArguments, printer: &mut Printer) -> Result<(), Failure> {
    let family = &arguments.family;
    let known = families()?;
    if !known.contains(family) {
        return Err(Failure::new(format!("unknown runtime family `{family}`"))
            .hint(format!("use one of {}", known.join(", "))));
    }
    tool::need_engine()?;
    let base = arguments.base.clone().filter(|base| !base.is_empty());
    let base = base.or_else(|| tool::image_size(LOCAL_BASE).map(|_| LOCAL_BASE.to_owned()));
    let tag = format!("coalmine/{family}:{}", if arguments.naive { "naive" } else { "dev" });
    let mut build_arguments = vec![];
    if let Some(base) = &base {
        build_arguments.push(format!("BASE={base}"));
    }
    if arguments.naive {
        build_arguments.push("NAIVE=1".to_owned());
    }
    printer
        .note(format_args!("building {tag} on {}", base.as_deref().unwrap_or("the Dockerfile's own base")));
    let mut build = tool::docker_build(&tag);
    for argument in &build_arguments {
        build.args(["--build-arg", argument]);
    }
    build.arg(repository::root().join("runtimes").join(family));
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
