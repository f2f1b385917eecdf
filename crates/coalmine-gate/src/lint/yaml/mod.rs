//! YAML with places: what every key and value is, and where it is in the file.

mod bounds;
mod builder;
mod dispute;
mod node;
mod read;
mod scalar;

pub(super) use bounds::MAX_BYTES;
pub use dispute::Dispute;
pub use node::{Entry, Node, Span, Value};
pub use read::{Document, YamlError, read};
pub(super) use scalar::short_fraction;
pub use scalar::{Kind, Scalar, Style};
