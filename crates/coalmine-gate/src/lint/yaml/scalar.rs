//! Scalars, and the types that YAML gives to them.

/// A scalar as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text, without quotes and with its escapes resolved.
    pub text: String,
    /// How it was written.
    pub style: Style,
}

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: its text decides its type.
    Plain,
    /// In quotes, or with the tag of a string: a string.
    Quoted,
    /// A block that begins with `|` or `>`: a string.
    Block,
}

/// The type of a scalar, as the forges' parsers (YAML 1.2 with a little of 1.1) resolve it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool,
    /// A decimal integer in its shortest form, whose text every parser prints alike.
    Int,
    /// Another number, a date, or something else whose printed form depends on the parser.
    Other,
    /// A string.
    Text,
}

impl Scalar {
    /// Returns the type of the scalar.
    pub fn kind(&self) -> Kind {
        if self.style != Style::Plain {
            return Kind::Text;
        }
        match self.text.as_str() {
            "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
            "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Kind::Bool,
            ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" => Kind::Other,
            text if is_short_integer(text) => Kind::Int,
            text if is_like_a_number(text) => Kind::Other,
            _ => Kind::Text,
        }
    }
}

fn is_short_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.len() <= 18 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain && text != "-0" && (digits == "0" || !digits.starts_with('0'))
}

/// Returns whether a plain scalar may be a number or a date: it begins like one and holds nothing else. What is only
/// versions, such as `1.2.3`, is a string.
fn is_like_a_number(text: &str) -> bool {
    let rest = text.trim_start_matches(['-', '+', '.']);
    let begins = rest.starts_with(|letter: char| letter.is_ascii_digit());
    let letters = |letter: char| letter.is_ascii_hexdigit() || "xob_.+-:TZ ".contains(letter);
    begins && text.len() <= 64 && text.chars().all(letters) && text.matches('.').count() <= 1
}

/// Returns how Go prints a decimal number with a fraction, such as `1.5`; `None` if that takes more than cutting zeros.
pub(crate) fn short_fraction(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.')?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let simple = digits(whole) && digits(fraction) && (whole == "0" || !whole.starts_with('0'));
    if !simple || whole.len() + fraction.len() > 15 || (whole == "0" && fraction.starts_with("000")) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    Some(if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_have_the_types_of_yaml() {
        let kind = |text: &str| Scalar { text: text.to_owned(), style: Style::Plain }.kind();
        assert_eq!([kind(""), kind("~"), kind("null")], [Kind::Null; 3]);
        assert_eq!([kind("true"), kind("False")], [Kind::Bool; 2]);
        assert_eq!([kind("1"), kind("-20"), kind("0")], [Kind::Int; 3]);
        assert_eq!(
            [kind("1.5"), kind("010"), kind("0x1f"), kind("1e3"), kind("2020-01-01")],
            [Kind::Other; 5]
        );
        assert_eq!([kind("yes"), kind("1.2.3"), kind("x"), kind("always()"), kind("v4")], [Kind::Text; 5]);
    }

    #[test]
    fn fractions_lose_their_zeros() {
        assert_eq!(short_fraction("3.10").as_deref(), Some("3.1"));
        assert_eq!(short_fraction("1.0").as_deref(), Some("1"));
        assert_eq!(short_fraction("0.0001"), None);
        assert_eq!(short_fraction("1e3"), None);
    }
}
