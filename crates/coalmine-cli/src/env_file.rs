//! Files of `NAME=VALUE` lines. Comments, quotes and a leading `export` are supported; variables are not
//! expanded.

use camino::Utf8Path;

use crate::failure::Failure;

/// The length of the shortest secret. Shorter values also occur in many places that are not secret.
const MIN_SECRET: usize = 4;

/// Reads a file. Errors never quote its lines, because they contain secrets.
pub(crate) fn read(path: &Utf8Path) -> Result<Vec<(String, String)>, Failure> {
    let text = fs_err::read_to_string(path)
        .map_err(|error| Failure::new(format!("could not read `{path}`")).because(error))?;
    let lines = text.trim_start_matches('\u{feff}').lines().zip(1..);
    let read = lines.filter_map(|(text, number)| match line(text) {
        Ok(pair) => pair.map(Ok),
        Err(reason) => Some(Err(Failure::new(format!("invalid line {number} of `{path}`: {reason}"))
            .hint("write `NAME=VALUE`, `NAME=\"VALUE\"` or a comment that begins with `#`"))),
    });
    read.collect()
}

/// Returns whether a value is redacted in all output. Switches and small numbers are not.
pub(crate) fn is_secret(value: &str) -> bool {
    let switch = matches!(value.to_ascii_lowercase().as_str(), "true" | "false" | "none" | "null");
    let small_number = value.len() < 8 && value.bytes().all(|byte| byte.is_ascii_digit());
    value.len() >= MIN_SECRET && !switch && !small_number
}

fn line(text: &str) -> Result<Option<(String, String)>, &'static str> {
    let text = text.trim();
    if text.is_empty() || text.starts_with('#') {
        return Ok(None);
    }
    let text = text.strip_prefix("export ").unwrap_or(text);
    let (name, rest) = text.split_once('=').ok_or("expected `=`")?;
    let name = name.trim();
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(good) {
        return Err("expected a name of letters, digits and `_` that does not begin with a digit");
    }
    Ok(Some((name.to_owned(), value(rest.trim_start())?)))
}

fn value(text: &str) -> Result<String, &'static str> {
    let mut letters = text.chars();
    let (value, rest) = match letters.next() {
        Some('\'') => {
            let (value, rest) = letters.as_str().split_once('\'').ok_or("expected a closing quote")?;
            (value.to_owned(), rest)
        }
        Some('"') => {
            let mut value = String::new();
            loop {
                match letters.next().ok_or("expected a closing quote")? {
                    '"' => break,
                    '\\' => match letters.next().ok_or("expected a closing quote")? {
                        'n' => value.push('\n'),
                        't' => value.push('\t'),
                        'r' => value.push('\r'),
                        other => value.push(other),
                    },
                    other => value.push(other),
                }
            }
            (value, letters.as_str())
        }
        // a `#` belongs to the value unless there is space before it
        _ if text.starts_with('#') => (String::new(), ""),
        _ => (text.split_once(" #").map_or(text, |(value, _)| value).trim_end().to_owned(), ""),
    };
    let rest = rest.trim();
    if rest.is_empty() || rest.starts_with('#') {
        Ok(value)
    } else {
        Err("expected nothing after the closing quote")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, String)> {
        line(text).unwrap()
    }

    #[test]
    fn reads_lines_as_shells_and_dotenv_do() {
        let pair = |name: &str, value: &str| Some((name.to_owned(), value.to_owned()));
        assert_eq!(read("A=1"), pair("A", "1"));
        assert_eq!(read("  export A_B = x y  # why"), pair("A_B", "x y"));
        assert_eq!(read("A=x#y"), pair("A", "x#y"));
        assert_eq!(read("A='x # \\n y' # why"), pair("A", "x # \\n y"));
        assert_eq!(read(r#"A="x\n\"y\"""#), pair("A", "x\n\"y\""));
        assert_eq!(read("A=a=b$c"), pair("A", "a=b$c"));
        assert_eq!((read("A="), read("A= # why")), (pair("A", ""), pair("A", "")));
        assert_eq!((read(""), read("   # A=1")), (None, None));
    }

    #[test]
    fn rejects_invalid_lines() {
        for invalid in ["A", "=x", "A B=x", "1A=x", "A='x", "A=\"x", "A=\"x\\", "A='x' y"] {
            assert!(line(invalid).is_err(), "{invalid}");
        }
    }

    #[test]
    fn switches_and_small_numbers_are_not_secret() {
        for secret in ["hunter2", "12345678", "s3cr"] {
            assert!(is_secret(secret), "{secret}");
        }
        for plain in ["", "1", "true", "FALSE", "8080", "dev"] {
            assert!(!is_secret(plain), "{plain}");
        }
    }
}
