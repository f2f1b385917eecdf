//! The two languages that packages are written in.

/// The language of a folder's programs and packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Python,
    Node,
}

impl Language {
    pub(super) const ALL: [Self; 2] = [Self::Python, Self::Node];

    /// Returns the file that names the packages, written by hand.
    pub(super) fn requirements(self) -> &'static str {
        match self {
            Self::Python => "requirements.in",
            Self::Node => "package.json",
        }
    }

    /// Returns the generated file that holds the exact versions and their hashes.
    pub(super) fn lock(self) -> &'static str {
        match self {
            Self::Python => "requirements.txt",
            Self::Node => "package-lock.json",
        }
    }
}
