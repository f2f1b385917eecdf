//! `cargo xtask image`: a static binary, and two images from scratch around it.

use camino::Utf8PathBuf;
use fs_err as fs;
use tar::{Builder, EntryType, Header};

use crate::{failure::Failure, printer::Printer, repository, tool};

/// The image of the reference runtime.
pub(crate) const REFERENCE: &str = "coalmine/reference:dev";
/// The image of the `coalmine` command.
pub(crate) const COALMINE: &str = "coalmine/coalmine:dev";
/// The images' user, without a name and without rights.
const USER: u64 = 65532;

pub(crate) fn build(printer: &mut Printer) -> Result<(), Failure> {
    tool::need_engine()?;
    printer.note("building the static binary");
    let binary = static_binary()?;
    let context = repository::target("image").join("context");
    fs::create_dir_all(&context)?;
    fs::copy(&binary, context.join("coalmine"))?;
    fs::write(context.join("root.tar"), root_folders()?)?;
    let dockerfile = repository::root().join("docker/Dockerfile");
    for (image, stage) in [(COALMINE, "coalmine"), (REFERENCE, "reference")] {
        printer.note(format_args!("building {image}"));
        let mut build = tool::docker_build(image);
        build.args(["--quiet", "--file", dockerfile.as_str(), "--target", stage, context.as_str()]);
        tool::run_silently(&mut build, &format!("could not build `{image}`"))?;
    }
    for image in [COALMINE, REFERENCE] {
        let bytes = tool::image_size(image).ok_or_else(|| {
            Failure::new(format!("the container engine does not have `{image}`, although it was just built"))
        })?;
        printer.result(format_args!("{image}  {}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10));
    }
    Ok(())
}

/// Returns where [`static_binary`] builds.
pub(crate) fn built_binary() -> Utf8PathBuf {
    repository::target("image").join(triple()).join("release/coalmine")
}

fn triple() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

/// Builds a binary that needs no libraries, since an image from scratch has none.
pub(crate) fn static_binary() -> Result<Utf8PathBuf, Failure> {
    let target = repository::target("image");
    let mut build = tool::cargo();
    build
        .args(["build", "--release", "--package", "coalmine-cli", "--bin", "coalmine"])
        .args(["--target", &triple(), "--target-dir", target.as_str()])
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env("RUSTFLAGS", "-C target-feature=+crt-static");
    tool::run(&mut build, "could not build the static binary")?;
    Ok(built_binary())
}

/// Returns an archive of the folders that the binary may write to. It is the same in every build, so the engine can
/// reuse its cached layer.
fn root_folders() -> Result<Vec<u8>, Failure> {
    let mut tar = Builder::new(vec![]);
    for (folder, mode, owner) in [
        ("tmp/", 0o1777, 0),
        ("data/", 0o755, USER),
        ("work/", 0o755, USER),
        ("work/coalmine-out/", 0o755, USER),
    ] {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Directory);
        header.set_mode(mode);
        header.set_uid(owner);
        header.set_gid(owner);
        header.set_size(0);
        tar.append_data(&mut header, folder, std::io::empty())?;
    }
    Ok(tar.into_inner()?)
}
