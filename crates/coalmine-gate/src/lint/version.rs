//! Versions of Gitea, and the servers that a rule is asked about.

use std::{fmt, str::FromStr};

/// A version of Gitea. Without a patch, such as `1.26`, it stands for the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The first number.
    pub major: u16,
    /// The second number.
    pub minor: u16,
    /// The third number.
    pub patch: u16,
}

impl Version {
    /// Returns a version.
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }
}

/// The versions from which on something that a rule knows is different, and the first that this lint knows.
pub(super) const STEPS: [Version; 8] = [
    Version::new(1, 22, 0),
    Version::new(1, 23, 0),
    Version::new(1, 24, 0),
    Version::new(1, 24, 3),
    Version::new(1, 25, 0),
    Version::new(1, 26, 0),
    Version::new(1, 26, 3),
    Version::new(1, 27, 0),
];

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.patch == 0 { Ok(()) } else { write!(f, ".{}", self.patch) }
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || format!("invalid version `{text}`: expected numbers such as `1.22.6` or `1.27`");
        let numbers: Result<Vec<u16>, _> = text.split('.').map(str::parse).collect();
        match numbers.map_err(|_| invalid())?[..] {
            [major, minor] => Ok(Self::new(major, minor, 0)),
            [major, minor, patch] => Ok(Self::new(major, minor, patch)),
            _ => Err(invalid()),
        }
    }
}

/// A server that a file is judged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Server {
    /// Gitea of one version.
    Gitea(Version),
    /// GitHub.
    Github,
}

impl Server {
    /// Returns whether this is a Gitea before a version.
    pub fn is_before(self, major: u16, minor: u16) -> bool {
        matches!(self, Self::Gitea(version) if version < Version::new(major, minor, 0))
    }

    /// Returns whether this is a Gitea of a version or a later one.
    pub fn is_from(self, major: u16, minor: u16) -> bool {
        matches!(self, Self::Gitea(version) if version >= Version::new(major, minor, 0))
    }

    /// Returns whether this is a Gitea.
    pub fn is_gitea(self) -> bool {
        self != Self::Github
    }
}
