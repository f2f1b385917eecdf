//! All skills, which are read once at startup.

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use tokio::task::spawn_blocking;

use super::Skill;
use crate::fault::{Fault, Faults};

/// The largest number of skills. Each one takes space in every prompt.
const MAX_SKILLS: usize = 64;

#[derive(Clone, Debug, Default)]
pub(crate) struct Skills(Vec<Skill>);

impl Skills {
    /// Reads a folder of skills, which may be missing. It skips unusable skills and logs why.
    pub(crate) async fn load(dir: &Utf8Path, faults: Faults) -> Self {
        if faults.is(Fault::ToolSkillsNotLoaded) {
            return Self::default();
        }
        let dir = dir.to_owned();
        spawn_blocking(move || read_all(&dir)).await.unwrap_or_default()
    }

    /// Returns all skills in the order of their names.
    pub(crate) fn all(&self) -> &[Skill] {
        &self.0
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Skill> {
        self.0.iter().find(|skill| skill.name == name)
    }
}

fn read_all(dir: &Utf8Path) -> Skills {
    if !dir.exists() {
        return Skills::default();
    }
    let folders = dir.canonicalize_utf8().and_then(|root| Ok((folders(&root)?, root)));
    let (folders, root) = match folders {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(%dir, %error, "could not read the skills folder");
            return Skills::default();
        }
    };
    if folders.len() > MAX_SKILLS {
        tracing::warn!(%dir, "skipped all skills beyond {MAX_SKILLS}");
    }
    let read = folders.into_iter().take(MAX_SKILLS).filter_map(|folder| match Skill::read(&root, &folder) {
        Ok(skill) => Some(skill),
        Err(error) => {
            tracing::warn!(%dir, skill = folder, %error, "skipped an unusable skill");
            None
        }
    });
    Skills(read.collect())
}

/// Returns the names of the folders in `root`, in order.
fn folders(root: &Utf8PathBuf) -> std::io::Result<Vec<String>> {
    let mut folders = vec![];
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if let Ok(name) = entry.file_name().into_string()
            && !name.starts_with('.')
            && entry.path().is_dir()
        {
            folders.push(name);
        }
    }
    folders.sort();
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(root: &Utf8Path, folder: &str, name: &str) {
        fs::create_dir_all(root.join(folder)).unwrap();
        let text = format!("---\nname: {name}\ndescription: Does {name}\n---\nDo {name}.\n");
        fs::write(root.join(folder).join("SKILL.md"), text).unwrap();
    }

    async fn names(root: &Utf8Path) -> Vec<String> {
        let skills = Skills::load(root, Faults::new(None)).await;
        skills.all().iter().map(|skill| skill.name.clone()).collect()
    }

    #[tokio::test]
    async fn skips_unusable_skills() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        assert!(names(&root.join("none")).await.is_empty());
        put(root, "b", "b");
        put(root, "a", "a");
        put(root, "wrong", "other");
        put(root, ".hidden", ".hidden");
        fs::create_dir(root.join("empty")).unwrap();
        fs::create_dir_all(root.join("folder/SKILL.md")).unwrap();
        fs::write(root.join("README.md"), "words").unwrap();
        put(root, "large", "large");
        let large = format!("---\nname: large\ndescription: x\n---\n{}", "x".repeat(256 << 10));
        fs::write(root.join("large/SKILL.md"), large).unwrap();
        assert_eq!(names(root).await, ["a", "b"]);
    }

    #[tokio::test]
    async fn bounds_the_number_of_skills() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        for n in 0..=MAX_SKILLS {
            put(root, &format!("s{n}"), &format!("s{n}"));
        }
        assert_eq!(names(root).await.len(), MAX_SKILLS);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn follows_no_link_out_of_the_folder() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let outside = Utf8Path::from_path(dir.path()).unwrap();
        put(outside, "secret", "secret");
        let root = outside.join("skills");
        put(&root, "inside", "inside");
        symlink(outside.join("secret"), root.join("secret")).unwrap();
        assert_eq!(names(&root).await, ["inside"]);
        // The folder itself may be a link, because the operator configured it.
        symlink(&root, outside.join("link")).unwrap();
        assert_eq!(names(&outside.join("link")).await, ["inside"]);
    }
}
