//! `coalmine.toml` as a person writes it.

use camino::Utf8PathBuf;
use coalmine::plan::{SourceError, parse, parse_duration};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Build, build::BuildForm};

/// The name of the file.
pub(crate) const FILE: &str = "coalmine.toml";

/// The most values in a list.
const MAX_VALUES: usize = 100;

/// How a template repository is judged. Flags of `coalmine run` override it, and it overrides the profile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct ProjectFile {
    /// How the image is built: a folder with a Dockerfile, or a table.
    #[schemars(with = "Option<BuildForm>")]
    pub(crate) build: Option<Build>,
    /// The image to judge, if the repository does not build it.
    pub(crate) image: Option<String>,
    /// The profile: the name of a built-in one, or a file of the repository (with a `/`, or ending in `.toml`).
    pub(crate) profile: Option<String>,
    /// The port on which the runtime listens inside its container.
    pub(crate) port: Option<u16>,
    /// Canaries. A folder or a file (with a `/`, or ending in `.toml`) adds canaries of the repository. An id selects a
    /// canary; without an id, all of them run.
    pub(crate) canaries: Vec<String>,
    /// The names of variables of coalmine's own environment that the runtime gets, if they are set.
    pub(crate) env: Vec<String>,
    /// The file with the baseline: only what is worse fails the run.
    #[schemars(with = "Option<String>")]
    pub(crate) baseline: Option<Utf8PathBuf>,
    /// Whether a skipped canary, or anything that was found, fails the run.
    pub(crate) strict: Option<bool>,
    /// The image of coalmine that judges in the gate, by digest: `name@sha256:…`. Must be in a line of its own.
    pub(crate) tool_image: Option<String>,
    /// The longest wait until the runtime is ready, such as `90s`.
    pub(crate) timeout: Option<String>,
}

impl ProjectFile {
    /// Parses the file. `file` only names it in errors.
    ///
    /// # Errors
    /// Returns the first problem, with its place in the file.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, SourceError> {
        let read: Self = parse(file, text)?;
        let wrong =
            |path: &str, message: String, help: &str| Err(SourceError::at(file, text, path, message, help));
        if let Some(build) = &read.build {
            if read.image.is_some() {
                return wrong("image", "`image` beside `build`".into(), "keep one of them");
            }
            if let Err((path, message)) = build.check() {
                return wrong(
                    &path,
                    message,
                    "name a path inside the repository, such as `docker/Dockerfile`",
                );
            }
        }
        if let Some(image) = read.image.as_deref().filter(|image| !is_reference(image)) {
            return wrong("image", format!("invalid image `{image}`"), "write it as `registry/name:tag`");
        }
        if let Some(image) = read.tool_image.as_deref().filter(|image| !is_pinned(image)) {
            let help = "name it by its digest: `registry/name@sha256:…`";
            return wrong("tool-image", format!("invalid image `{image}`"), help);
        }
        for (key, values) in [("canaries", &read.canaries), ("env", &read.env)] {
            if values.len() > MAX_VALUES {
                return wrong(key, format!("more than {MAX_VALUES} values"), "keep the list short");
            }
        }
        if let Some(at) = read.env.iter().position(|name| !is_name(name)) {
            let help = "write the name of a variable: letters, digits and `_`, without a value";
            return wrong(&format!("env/{at}"), format!("invalid name `{}`", read.env[at]), help);
        }
        if let Some(time) = read.timeout.as_deref().filter(|time| parse_duration(time).is_err()) {
            let help = "write a number with a unit, such as `90s`";
            return wrong("timeout", format!("invalid duration `{time}`"), help);
        }
        Ok(read)
    }
}

/// Returns whether a text can be the name of an image. It is an argument of commands, so it must not look like a flag.
fn is_reference(image: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_./:@".contains(c);
    image.len() <= 500 && image.chars().all(fits) && image.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// Returns whether an image is named by its digest.
fn is_pinned(image: &str) -> bool {
    let digest = image.rsplit_once("@sha256:").map_or("", |(_, digest)| digest);
    let is_hex = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
    is_reference(image) && digest.len() == 64 && digest.bytes().all(is_hex)
}

/// Returns whether a text is the name of a variable.
pub(super) fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.len() <= 200 && name.chars().all(fits) && name.starts_with(|c: char| !c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_key() {
        let digest = "0123456789abcdef".repeat(4);
        let text = format!(
            "build = \".\"\nprofile = \"langgraph\"\nport = 9000\ncanaries = [\"canaries/\"]\nenv = [\"A_B\"]\n\
             baseline = \"baseline.json\"\nstrict = true\ntool-image = \"r.example/coalmine@sha256:{digest}\"\n\
             timeout = \"90s\"\n"
        );
        let read = ProjectFile::parse(FILE, &text).unwrap();
        assert_eq!((read.port, read.strict, read.env), (Some(9000), Some(true), vec!["A_B".to_owned()]));
        assert_eq!(read.build.unwrap().context, ".");
        assert_eq!(ProjectFile::parse(FILE, "").unwrap(), ProjectFile::default());
    }

    #[test]
    fn problems_are_shown_in_their_place() {
        for (text, position, message) in [
            ("port = 1\nimge = \"x\"\n", (2, 1), "unknown key `imge`"),
            ("[build]\ncontxt = \".\"\n", (2, 1), "unknown key `contxt`"),
            ("build = \".\"\nimage = \"x\"\n", (2, 9), "`image` beside `build`"),
            ("image = \"--privileged\"\n", (1, 9), "invalid image `--privileged`"),
            ("tool-image = \"coalmine:latest\"\n", (1, 14), "invalid image `coalmine:latest`"),
            ("env = [\"A\", \"B=c\"]\n", (1, 13), "invalid name `B=c`"),
            ("timeout = \"soon\"\n", (1, 11), "invalid duration `soon`"),
            ("build = \"../other\"\n", (1, 9), "`../other` leads out of the repository"),
            ("[build]\ndockerfile = \"/etc/passwd\"\n", (2, 14), "`/etc/passwd` leads out of the repository"),
            ("[build]\nargs = { \"A=b\" = \"c\" }\n", (2, 18), "invalid name `A=b` of a build argument"),
            ("[build]\ntarget = \"--push\"\n", (2, 10), "invalid stage `--push`"),
        ] {
            let error = ProjectFile::parse(FILE, text).unwrap_err();
            assert_eq!((error.position(), error.message.as_str()), (position, message), "{text}");
        }
    }
}
