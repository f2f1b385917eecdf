//! How a repository builds its image.

use std::{collections::BTreeMap, fmt};

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::{Root, file::is_name};
use crate::failure::Failure;

/// How an image is built: a folder, or this table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Build {
    /// The folder that the engine gets.
    pub(crate) context: Utf8PathBuf,
    /// The Dockerfile, below the context.
    pub(crate) dockerfile: Utf8PathBuf,
    /// Build arguments.
    pub(crate) args: BTreeMap<String, String>,
    /// The stage to build.
    pub(crate) target: Option<String>,
}

/// The table.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct BuildTable {
    /// The folder that the engine gets.
    #[schemars(with = "String")]
    context: Utf8PathBuf,
    /// The Dockerfile, below the context.
    #[schemars(with = "String")]
    dockerfile: Utf8PathBuf,
    /// Build arguments.
    args: BTreeMap<String, String>,
    /// The stage to build.
    target: Option<String>,
}

/// How a build is written, for the schema.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its schema is needed")]
pub(super) enum BuildForm {
    /// The folder with the Dockerfile.
    Folder(String),
    /// More about it.
    Table(BuildTable),
}

impl Default for BuildTable {
    fn default() -> Self {
        Self { context: ".".into(), dockerfile: "Dockerfile".into(), args: BTreeMap::new(), target: None }
    }
}

impl From<BuildTable> for Build {
    fn from(table: BuildTable) -> Self {
        let BuildTable { context, dockerfile, args, target } = table;
        Self { context, dockerfile, args, target }
    }
}

impl Build {
    /// Returns the path of keys and the message of the first problem.
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        for (key, path) in [("context", &self.context), ("dockerfile", &self.dockerfile)] {
            if !stays_inside(path) {
                return Err((format!("build/{key}"), format!("`{path}` leads out of the repository")));
            }
        }
        if let Some(name) = self.args.keys().find(|name| !is_name(name)) {
            return Err((format!("build/args/{name}"), format!("invalid name `{name}` of a build argument")));
        }
        if let Some(stage) = self.target.as_deref().filter(|stage| !is_stage(stage)) {
            return Err(("build/target".into(), format!("invalid stage `{stage}`")));
        }
        Ok(())
    }

    /// Returns the arguments of `docker build`, to be run in the root of the repository.
    ///
    /// # Errors
    /// The context or the Dockerfile is missing, or a symbolic link leads out of the repository: the engine would get files
    /// of this machine.
    pub(crate) fn arguments(&self, root: &Root, tag: &str) -> Result<Vec<String>, Failure> {
        root.folder(&self.context)?;
        let dockerfile = self.context.join(&self.dockerfile);
        root.file(&dockerfile)?;
        for ignored in [self.context.join(".dockerignore"), format!("{dockerfile}.dockerignore").into()] {
            root.file_if_any(&ignored)?;
        }
        // without it, a build that fails leaves a container
        let mut words = ["--force-rm", "--tag", tag].map(str::to_owned).to_vec();
        words.extend(["--file".to_owned(), format!("./{dockerfile}")]);
        words.extend(
            self.args.iter().flat_map(|(name, value)| ["--build-arg".into(), format!("{name}={value}")]),
        );
        words.extend(self.target.iter().flat_map(|stage| ["--target".to_owned(), stage.clone()]));
        words.push(format!("./{}", self.context));
        Ok(words)
    }
}

/// Returns whether a path is relative and has no `..`.
pub(super) fn stays_inside(path: &Utf8Path) -> bool {
    !path.as_str().is_empty()
        && path.components().all(|part| matches!(part, Utf8Component::Normal(_) | Utf8Component::CurDir))
}

fn is_stage(stage: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    stage.len() <= 100 && stage.chars().all(fits) && stage.starts_with(|c: char| c.is_ascii_alphanumeric())
}

impl<'de> Deserialize<'de> for Build {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = Build;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a folder or a table")
            }

            fn visit_str<E>(self, folder: &str) -> Result<Build, E> {
                Ok(BuildTable { context: folder.into(), ..BuildTable::default() }.into())
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Build, A::Error> {
                BuildTable::deserialize(MapAccessDeserializer::new(map)).map(Build::from)
            }
        }

        deserializer.deserialize_any(Form)
    }
}
