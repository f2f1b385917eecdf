//! Reading what comes back: a statement, an envelope, or several of them, one a line.

use coalmine_report::escape_bounded;
use serde_json::Value;
use thiserror::Error;

use crate::{
    PAYLOAD_TYPE, PublicKey, STATEMENT_V0_1, STATEMENT_V1, Statement, envelope::Envelope,
    strict_json::StrictJson,
};

/// The longest text that is read, in bytes.
const MAX_BYTES: usize = 16 << 20;
/// The most statements of one text.
const MAX_STATEMENTS: usize = 1_000;
/// The most characters of an error that quotes the text.
const MAX_QUOTED: usize = 300;

/// The statements of a text, in its order.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// At least one statement.
    pub statements: Vec<SignedStatement>,
}

/// A statement, and the envelope that it came in.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedStatement {
    /// The statement. Its predicate may be of any type.
    pub statement: Statement<Value>,
    envelope: Option<Envelope>,
}

/// Why a text cannot be read. What it quotes is escaped.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Unreadable(String);

impl SignedStatement {
    /// Returns whether the statement came in an envelope, signed or not.
    pub fn is_enveloped(&self) -> bool {
        self.envelope.is_some()
    }

    /// Returns whether the statement was signed with a key, as a statement of in-toto.
    pub fn is_signed_with(&self, key: &PublicKey) -> bool {
        self.envelope.as_ref().is_some_and(|envelope| envelope.is_signed_with(key))
    }
}

/// Reads a statement (v0.1 or v1) or an envelope, or several of them, one a line.
///
/// # Errors
/// Fails if anything in the text cannot be read, or could be read in two ways.
pub fn read(bytes: &[u8]) -> Result<Document, Unreadable> {
    if bytes.len() > MAX_BYTES {
        return Err(Unreadable(format!("it is longer than {} MiB", MAX_BYTES >> 20)));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable("it is not UTF-8".to_owned()))?;
    // the parts of a statement of several lines are not objects
    let whole = StrictJson::read(text);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let are_objects = || {
        lines.len() > 1
            && lines.iter().all(|line| line.trim_start().starts_with('{') && line.trim_end().ends_with('}'))
    };
    let values = match whole {
        Ok(value) => vec![value],
        Err(_) if are_objects() => lines
            .iter()
            .map(|line| StrictJson::read(line))
            .collect::<Result<_, _>>()
            .map_err(|error| json(&error))?,
        Err(error) => return Err(json(&error)),
    };
    if values.len() > MAX_STATEMENTS {
        return Err(Unreadable(format!("it holds more than {MAX_STATEMENTS} statements")));
    }
    Ok(Document { statements: values.into_iter().map(one).collect::<Result<_, _>>()? })
}

fn one(value: Value) -> Result<SignedStatement, Unreadable> {
    let has = |key: &str| value.get(key).is_some();
    match (has("_type"), has("payload") || has("payloadType") || has("signatures")) {
        (true, false) => Ok(SignedStatement { statement: statement(value)?, envelope: None }),
        (false, true) => enveloped(value),
        (true, true) => Err(Unreadable("it is a statement and an envelope at the same time".to_owned())),
        (false, false) => Err(Unreadable(
            "expected a statement of in-toto (`_type`) or an envelope (`payloadType`)".to_owned(),
        )),
    }
}

fn enveloped(value: Value) -> Result<SignedStatement, Unreadable> {
    let envelope: Envelope = serde_json::from_value(value).map_err(|error| json(&error))?;
    if envelope.payload_type != PAYLOAD_TYPE {
        let found = escape_bounded(&envelope.payload_type, MAX_QUOTED);
        return Err(Unreadable(format!("the payload has the type `{found}`: expected `{PAYLOAD_TYPE}`")));
    }
    let payload = envelope.payload().ok_or_else(|| Unreadable("the payload is not base64".to_owned()))?;
    let text = String::from_utf8(payload).map_err(|_| Unreadable("the payload is not UTF-8".to_owned()))?;
    let value = StrictJson::read(&text).map_err(|error| json(&error))?;
    Ok(SignedStatement { statement: statement(value)?, envelope: Some(envelope) })
}

fn statement(value: Value) -> Result<Statement<Value>, Unreadable> {
    let statement: Statement<Value> = serde_json::from_value(value).map_err(|error| json(&error))?;
    if ![STATEMENT_V1, STATEMENT_V0_1].contains(&statement.kind.as_str()) {
        let found = escape_bounded(&statement.kind, MAX_QUOTED);
        return Err(Unreadable(format!("unknown type `{found}` of a statement")));
    }
    Ok(statement)
}

fn json(error: &serde_json::Error) -> Unreadable {
    Unreadable(escape_bounded(&error.to_string(), MAX_QUOTED))
}

#[cfg(test)]
mod tests;
