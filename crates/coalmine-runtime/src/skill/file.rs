//! One `SKILL.md`: front matter with a name and a description, then the instructions.

use std::io::Read as _;

use camino::Utf8Path;
use fs_err as fs;
use serde::Deserialize;

/// Largest file, in bytes.
const MAX_FILE: u64 = 256 << 10;
/// Longest name and description, in characters; the format says so.
const MAX_NAME: usize = 64;
const MAX_DESCRIPTION: usize = 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Skill {
    pub(crate) name: String,
    /// What it is for and when to use it, on one line.
    pub(crate) description: String,
    pub(crate) instructions: String,
}

/// The front matter. Other keys of the format say nothing that matters here.
#[derive(Deserialize)]
struct Head {
    name: String,
    description: String,
}

/// Why a skill cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum SkillError {
    #[error("it cannot be read: {0}")]
    Io(#[from] std::io::Error),
    #[error("it leads out of the skills folder")]
    Outside,
    #[error("it is no file")]
    NoFile,
    #[error("it is larger than {MAX_FILE} bytes")]
    TooLarge,
    #[error("it does not begin with front matter between two lines `---`")]
    NoHead,
    #[error("its front matter cannot be read: {0}")]
    Head(String),
    #[error(
        "its name is `{0}`: that is not its folder's, or not made of lower-case letters, digits and hyphens"
    )]
    Name(String),
    #[error("its description is empty or longer than {MAX_DESCRIPTION} characters")]
    Description,
}

impl Skill {
    /// Reads the skill in a folder; `root`, without links in its path, is what nothing may lead out of.
    pub(super) fn read(root: &Utf8Path, folder: &str) -> Result<Self, SkillError> {
        let path = fs::canonicalize(root.join(folder).join("SKILL.md"))?;
        if !path.starts_with(root) {
            return Err(SkillError::Outside);
        }
        if !fs::metadata(&path)?.is_file() {
            return Err(SkillError::NoFile);
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
        let rest = text.strip_prefix("---\n").ok_or(SkillError::NoHead)?;
        let (head, instructions) = rest
            .split_once("\n---\n")
            .or_else(|| Some((rest.strip_suffix("\n---")?, "")))
            .ok_or(SkillError::NoHead)?;
        let Head { name, description } =
            serde_saphyr::from_str(head).map_err(|error| SkillError::Head(error.to_string()))?;
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name != folder || name.is_empty() || name.len() > MAX_NAME || !name.chars().all(fits) {
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
    fn the_head_is_yaml_and_what_follows_are_the_instructions() {
        let expected = Skill {
            name: "report".into(),
            description: "Writes reports. Use it: always".into(),
            instructions: "# How\n\n---\nBe brief.".into(),
        };
        for head in [
            "name: report\ndescription: \"Writes reports. Use it: always\"\nlicense: MIT",
            "description: >-\n  Writes reports.\n  Use it: always\nmetadata:\n  version: 1\nname: 'report'",
        ] {
            let text = format!("---\n{head}\n---\n\n# How\n\n---\nBe brief.\n");
            assert_eq!(parse(&text), Ok(expected.clone()), "{head}");
            assert_eq!(parse(&format!("\u{feff}{}", text.replace('\n', "\r\n"))), Ok(expected.clone()));
        }
        let bare = parse("---\nname: report\ndescription: x\n---").unwrap();
        assert_eq!(bare.instructions, "");
    }

    #[test]
    fn what_is_no_skill_is_refused_with_the_reason() {
        let long = format!("---\nname: report\ndescription: {}\n---\n", "x".repeat(MAX_DESCRIPTION + 1));
        for (text, why) in [
            ("# Report", "does not begin with front matter"),
            ("---\nname: report\ndescription: x\n", "does not begin with front matter"),
            ("---\nname: [report\n---\n", "cannot be read"),
            ("---\nname: report\n---\n", "cannot be read"),
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
        fn any_text_is_read_or_refused(head in "(\\PC|\n|&a|\\*a|: |- ){0,60}") {
            let _ = parse(&format!("---\nname: report\n{head}\n---\nx"));
        }
    }
}
