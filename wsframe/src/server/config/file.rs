//! A file in TOML.

use std::path::PathBuf;

use toml::de::{DeTable, DeValue};

use super::{Config, keys};

impl Config {
    /// Reads a file in TOML, now: the names of [`Config`], each with a number, a text, `true` or `false`,
    /// or a list of texts.
    ///
    /// ```
    /// # let folder = std::env::temp_dir().join(format!("wsframe-doc-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// # let path = folder.join("chat.toml");
    /// # let text =
    /// r#"
    /// address = "0.0.0.0:8080"
    /// max_connections = 50_000
    /// ping_interval = "10s"
    /// origins = ["https://example.org", "https://www.example.org"]
    /// "#
    /// # ;
    /// # std::fs::write(&path, text).unwrap();
    /// # let config = wsframe::Config::new().file(&path);
    /// # assert!(format!("{config:?}").contains("50000"));
    /// # std::fs::remove_dir_all(folder).unwrap();
    /// ```
    ///
    /// What is wrong with it, also that it is not there, is said when the server starts.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let shown = path.display();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                self.faults.push(format!("{shown}: {error}"));
                return self;
            }
        };
        let line = |at: usize| text[..at].matches('\n').count() + 1;
        let table = match DeTable::parse(&text) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                self.faults.push(format!("{shown}:{}: {}", line(at), error.message()));
                return self;
            }
        };
        // In the order of the file; the table has one of its own.
        let mut entries: Vec<_> = table.into_iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        for (name, value) in entries {
            let place = format!("{shown}:{}", line(name.span().start));
            let name = name.get_ref();
            match (keys::find(name), plain(value.get_ref())) {
                (Ok(key), Some(text)) => self.add(key, text, place),
                (Ok(_), None) => self.faults.push(format!(
                    "{place}: `{name}`: write a number, a text, `true` or `false`, or a list of texts"
                )),
                (Err(near), _) => self.unknown(&place, name, near.map(str::to_owned)),
            }
        }
        self
    }
}

/// The value as a variable would have it.
fn plain(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        DeValue::Boolean(on) => Some(if *on { "on" } else { "off" }.to_owned()),
        DeValue::Array(list) => {
            let list = list.iter().map(|one| match one.get_ref() {
                DeValue::String(text) => Some(&**text),
                _ => None,
            });
            Some(list.collect::<Option<Vec<_>>>()?.join(","))
        }
        _ => None,
    }
}
