//! A `SKILL.md`, which contains front matter with a name and a description, and then the instructions.

use std::io::Read as _;

use camino::Utf8Path;
use fs_err as fs;
use serde::Deserialize;

/// The largest file, in bytes.
const MAX_FILE: u64 = 256 << 10;
/// The longest name and description that the format allows, in characters.
const MAX_NAME: usize = 64;
const MAX_DESCRIPTION: usize = 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Skill {
    pub(crate) name: String,
    /// What the skill does and when to use it, on one line.
    pub(crate) description: String,
    pub(crate) instructions: String,
}

/// The front matter, without the keys that do not matter here.
#[derive(Deserialize)]
struct FrontMatter {
    name: String,
    description: String,
}

/// Why a skill is unusable.
#[derive(Debug, thiserror::Error)]
pub(super) enum SkillError {
    #[error("it cannot be read: {0}")]
    Io(#[from] std::io::Error),
    #[error("it leads out of the skills folder")]
    Outside,
    #[error("it is not a file")]
    NotAFile,
    #[error("it is larger than {MAX_FILE} bytes")]
    TooLarge,
    #[error("it does not begin with front matter between two lines `---`")]
    NoFrontMatter,
    #[error("its front matter is invalid: {0}")]
    FrontMatter(String),
    #[error("invalid name `{0}`: expected that of its folder, in lower-case letters, digits and hyphens")]
    Name(String),
    #[error("its description is empty or longer than {MAX_DESCRIPTION} characters")]
    Description,
}

impl Skill {
    /// Reads the skill in a folder of `root`. No link may lead out of `root`, whose own path contains no
    /// links.
    pub(super) fn read(root: &Utf8Path, folder: &str) -> Result<Self, SkillError> {
        let path = fs::canonicalize(root.join(folder).join("SKILL.md"))?;
        if !path.starts_with(root) {
            return Err(SkillError::Outside);
        }
        if !fs::metadata(&path)?.is_file() {
            return Err(SkillError::NotAFile);
        }
        let mut text = String::new();
        fs::File::open(&path)?.take(MAX_FILE + 1).read_to_string(&mut text)?;
        if text.len() as u64 > MAX_FILE {
            return Err(SkillError::TooLarge);
        }
        Self::parse(&text, folder)
    }

    fn parse(text: &str, folder: &str) -> Result<Self, SkillError> {
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let rest = text.strip_prefix("---\n").ok_or(SkillError::NoFrontMatter)?;
        let (front_matter, instructions) = rest
            .split_once("\n---\n")
            .or_else(|| Some((rest.strip_suffix("\n---")?, "")))
            .ok_or(SkillError::NoFrontMatter)?;
        let FrontMatter { name, description } = serde_saphyr::from_str(front_matter)
            .map_err(|error| SkillError::FrontMatter(error.to_string()))?;
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name != folder || name.is_empty() || name.len() > MAX_NAME || !name.chars().all(allowed) {
            return Err(SkillError::Name(name.chars().take(MAX_NAME).collect()));
        }
        let description = description.split_whitespace().collect::<Vec<_>>().join(" ");
        if description.is_empty() || description.chars().count() > MAX_DESCRIPTION {
            return Err(SkillError::Description);
        }
        Ok(Self { name, description, instructions: instructions.trim().to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Skill, String> {
        Skill::parse(text, "report").map_err(|error| error.to_string())
    }

    #[test]
    fn splits_front_matter_and_instructions() {
        let expected = Skill {
            name: "report".into(),
            description: "Writes reports. Use it: always".into(),
            instructions: "# How\n\n---\nBe brief.".into(),
        };
        for front_matter in [
            "name: report\ndescription: \"Writes reports. Use it: always\"\nlicense: MIT",
            "description: >-\n  Writes reports.\n  Use it: always\nmetadata:\n  version: 1\nname: 'report'",
        ] {
            let text = format!("---\n{front_matter}\n---\n\n# How\n\n---\nBe brief.\n");
            assert_eq!(parse(&text), Ok(expected.clone()), "{front_matter}");
            assert_eq!(parse(&format!("\u{feff}{}", text.replace('\n', "\r\n"))), Ok(expected.clone()));
        }
        let bare = parse("---\nname: report\ndescription: x\n---").unwrap();
        assert_eq!(bare.instructions, "");
    }

    #[test]
    fn rejects_invalid_skills_with_the_reason() {
        let long = format!("---\nname: report\ndescription: {}\n---\n", "x".repeat(MAX_DESCRIPTION + 1));
        for (text, why) in [
            ("# Report", "does not begin with front matter"),
            ("---\nname: report\ndescription: x\n", "does not begin with front matter"),
            ("---\nname: [report\n---\n", "is invalid"),
            ("---\nname: report\n---\n", "is invalid"),
            ("---\nname: other\ndescription: x\n---\n", "`other`"),
            ("---\nname: report\ndescription: ''\n---\n", "description is empty"),
            (&long, "longer than 1024"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
        assert!(Skill::parse("---\nname: ../x\ndescription: x\n---\n", "../x").is_err());
    }

    proptest! {
        #[test]
        fn never_panics(front_matter in "(\\PC|\n|&a|\\*a|: |- ){0,60}") {
                    let _ = parse(&format!("---\nname: report\n{front_matter}\n---\nx"));
        }
    }
}
