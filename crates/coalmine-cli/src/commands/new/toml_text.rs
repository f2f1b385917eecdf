//! TOML that a person wrote, in which keys are set and everything else stays as it is.

use std::fmt;

use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

/// The column of the comments behind keys.
const COMMENTS: usize = 42;

/// The text of a TOML file. Commented lines such as `# promise = "kept"` are examples of keys.
pub(super) struct TomlText(String);

impl TomlText {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Sets a key, such as `memory.promise`, with a note in the line above it: in the place of its example, or
    /// wherever its table is.
    pub(super) fn set(&mut self, key: &str, value: Value, note: &str) {
        let (table, leaf) = key.split_once('.').map_or((None, key), |(table, leaf)| (Some(table), leaf));
        let value = value.decorated(" ", "");
        self.0 = match self.in_place_of_example(table, leaf, &value, note) {
            Some(text) => text,
            None => self.inserted(table, leaf, value, note),
        };
    }

    fn in_place_of_example(
        &self,
        table: Option<&str>,
        leaf: &str,
        value: &Value,
        note: &str,
    ) -> Option<String> {
        let (mut text, mut section, mut found) = (String::new(), None, false);
        for line in self.0.lines() {
            if let Some(header) = line.strip_prefix('[') {
                section = header.split(']').next();
            }
            let is_example = || {
                let rest = line.strip_prefix("# ").and_then(|line| line.strip_prefix(leaf));
                section == table && rest.is_some_and(|rest| rest.trim_start().starts_with('='))
            };
            if !found && is_example() {
                found = true;
                if !note.is_empty() {
                    text.push_str(&format!("# {note}\n"));
                }
                let comment = line.rsplit_once(" # ").map(|(_, comment)| comment.trim()).unwrap_or_default();
                let set = format!("{leaf} ={value}");
                text.push_str(format!("{set:<COMMENTS$} # {comment}").trim_end_matches(['#', ' ']));
            } else {
                text.push_str(line);
            }
            text.push('\n');
        }
        found.then_some(text)
    }

    fn inserted(&self, table: Option<&str>, leaf: &str, mut value: Value, note: &str) -> String {
        let Ok(mut document) = self.0.parse::<DocumentMut>() else { return self.0.clone() };
        let holder: Option<&mut dyn TableLike> = match table {
            None => Some(document.as_table_mut()),
            Some(name) => document.entry(name).or_insert(Item::Table(Table::new())).as_table_like_mut(),
        };
        let Some(holder) = holder else { return self.0.clone() };
        if let Some(known) = holder.get(leaf).and_then(Item::as_value) {
            *value.decor_mut() = known.decor().clone();
        }
        holder.insert(leaf, Item::Value(value));
        // a table in one line has no place for it
        let own = match table {
            None => Some(document.as_table_mut()),
            Some(name) => {
                document.get_mut(name).and_then(Item::as_table_mut).filter(|table| !table.is_dotted())
            }
        };
        if let Some(mut key) = own.and_then(|table| table.key_mut(leaf)).filter(|_| !note.is_empty()) {
            key.leaf_decor_mut().set_prefix(format!("# {note}\n"));
        }
        document.to_string()
    }
}

impl fmt::Display for TomlText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str, key: &str) -> String {
        let mut text = TomlText::new(text);
        text.set(key, "kept".into(), "why");
        text.to_string()
    }

    #[test]
    fn example_gives_way_to_its_key() {
        let text =
            "# a = 1\n\n[memory]\n# promise = \"none\"   # kept or none\n\n[peers]\n# promise = \"none\"\n";
        assert_eq!(
            set(text, "peers.promise"),
            "# a = 1\n\n[memory]\n# promise = \"none\"   # kept or none\n\n[peers]\n# why\npromise = \"kept\"\n"
        );
        assert!(
            set(text, "memory.promise")
                .contains("# why\npromise = \"kept\"                           # kept or none\n")
        );
        assert!(set(text, "a").starts_with("# why\na = \"kept\"\n"));
    }

    #[test]
    fn key_is_set_in_every_form_of_its_table() {
        for (text, expected) in [
            (
                "[memory]\nroot = \"/m\"  # mine\n",
                "[memory]\nroot = \"/m\"  # mine\n# why\npromise = \"kept\"\n",
            ),
            ("memory.root = \"/m\"\n", "memory.root = \"/m\"\nmemory.promise = \"kept\"\n"),
            ("memory = { root = \"/m\" }\n", "memory = { root = \"/m\" , promise = \"kept\"}\n"),
            ("[memory]\npromise = \"none\"  # mine\n", "[memory]\n# why\npromise = \"kept\"  # mine\n"),
            ("port = 1\n", "port = 1\n\n[memory]\n# why\npromise = \"kept\"\n"),
        ] {
            assert_eq!(set(text, "memory.promise"), expected);
        }
    }
}
