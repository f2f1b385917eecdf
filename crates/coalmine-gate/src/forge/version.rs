//! Which forge answers, and in which version.

use std::{
    fmt::{Display, Formatter, Result as Formatted},
    str::FromStr,
};

use super::capabilities::Capabilities;

/// A kind of forge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ForgeKind {
    /// Gitea.
    Gitea,
    /// Forgejo, which answers like Gitea, under version numbers of its own.
    Forgejo,
    /// GitHub, or GitHub Enterprise Server.
    GitHub,
}

impl ForgeKind {
    /// Returns the name as `fleet.toml` and flags write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gitea => "gitea",
            Self::Forgejo => "forgejo",
            Self::GitHub => "github",
        }
    }
}

impl Display for ForgeKind {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Formatted {
        formatter.write_str(self.name())
    }
}

/// The text names no forge.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown forge `{0}`: expected `gitea`, `forgejo` or `github`")]
pub struct UnknownForge(String);

impl FromStr for ForgeKind {
    type Err = UnknownForge;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Gitea, Self::Forgejo, Self::GitHub];
        all.into_iter().find(|kind| kind.name() == text).ok_or_else(|| UnknownForge(text.to_owned()))
    }
}

/// The numbers of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(pub u32, pub u32, pub u32);

impl Number {
    /// Reads the numbers at the beginning of a version, such as `1.23.6+dev-12`. The third may be missing.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('v');
        let end = text.find(|character: char| !character.is_ascii_digit() && character != '.');
        let mut parts = text.get(..end.unwrap_or(text.len()))?.split('.').map(str::parse);
        let (major, minor) = (parts.next()?.ok()?, parts.next()?.ok()?);
        Some(Self(major, minor, parts.next().and_then(Result::ok).unwrap_or(0)))
    }
}

impl Display for Number {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Formatted {
        write!(formatter, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// The version of a forge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The kind of forge, as it says itself.
    pub kind: ForgeKind,
    /// The numbers, if they can be read. GitHub's own site has none.
    pub number: Option<Number>,
    /// What the forge said.
    pub text: String,
}

impl Version {
    /// Reads the version of a Gitea or a Forgejo. Forgejo adds the Gitea version that it resembles, as in
    /// `15.0.0+gitea-1.22.0`.
    pub fn gitea(text: &str) -> Self {
        let kind = if text.contains("+gitea-") { ForgeKind::Forgejo } else { ForgeKind::Gitea };
        Self { kind, number: Number::read(text), text: text.to_owned() }
    }

    /// Returns the version of GitHub's own site, or of an Enterprise Server.
    pub fn github(installed: Option<&str>) -> Self {
        Self {
            kind: ForgeKind::GitHub,
            number: installed.and_then(Number::read),
            text: installed.unwrap_or_default().to_owned(),
        }
    }

    /// Returns what this version can do.
    pub fn capabilities(&self) -> Capabilities {
        Capabilities::of(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forge::capabilities::{Capability, Evidence, Support};

    #[test]
    fn versions_are_read() {
        let read = |text| (Version::gitea(text).kind, Version::gitea(text).number);
        assert_eq!(read("1.22.6"), (ForgeKind::Gitea, Some(Number(1, 22, 6))));
        assert_eq!(read("1.24.0+dev-31-gabc"), (ForgeKind::Gitea, Some(Number(1, 24, 0))));
        assert_eq!(read("15.0.1+gitea-1.22.0"), (ForgeKind::Forgejo, Some(Number(15, 0, 1))));
        assert_eq!(read("nonsense"), (ForgeKind::Gitea, None));
        assert_eq!(read("99999999999.1"), (ForgeKind::Gitea, None));
    }

    #[test]
    fn support_says_how_it_is_known() {
        let runs = |version: Version| version.capabilities().support(Capability::ProvenRuns);
        assert_eq!(runs(Version::gitea("1.22.6")), Support::No(Evidence::Measured));
        assert_eq!(runs(Version::gitea("1.23.6")), Support::Yes(Evidence::Measured));
        assert_eq!(runs(Version::gitea("1.27.0")), Support::Yes(Evidence::Read));
        assert_eq!(runs(Version::gitea("15.0.0+gitea-1.22.0")), Support::Unknown);
        assert_eq!(runs(Version::gitea("?")), Support::Unknown);
        assert_eq!(runs(Version::github(None)), Support::Yes(Evidence::Read));
    }
}
