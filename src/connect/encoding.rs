//! How a document is compressed, by the end of its name.

use std::path::Path;

/// A compression that documents may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// gzip, of names that end in `.gz`.
    Gzip,
    /// Zstandard, of names that end in `.zst`.
    Zstandard,
}

impl Encoding {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Gzip, Self::Zstandard];

    /// Of a document at this path or address, whose query and fragment do not count.
    pub fn of(source: &str) -> Option<Self> {
        let extension = Path::new(without_query(source)).extension()?.to_str()?;
        Self::ALL.into_iter().find(|encoding| extension.eq_ignore_ascii_case(&encoding.ending()[1..]))
    }

    /// What names of such documents end in.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Gzip => ".gz",
            Self::Zstandard => ".zst",
        }
    }

    /// What users call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstandard => "Zstandard",
        }
    }

    /// The program that compresses with it.
    pub fn program(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstandard => "zstd",
        }
    }
}

/// A path or address without what is not in the name of the document: its query, and the ending of its compression. What
/// remains ends in the document's own format.
pub fn document_name(source: &str) -> &str {
    let name = without_query(source);
    Encoding::of(name).map_or(name, |encoding| &name[..name.len() - encoding.ending().len()])
}

fn without_query(source: &str) -> &str {
    if source.contains("://") { source.split(['?', '#']).next().unwrap_or_default() } else { source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_is_its_encoding() {
        for (source, encoding, name) in [
            ("registry.json", None, "registry.json"),
            ("registry.json.gz", Some(Encoding::Gzip), "registry.json"),
            ("a/registry.jsonnet.ZST", Some(Encoding::Zstandard), "a/registry.jsonnet"),
            (
                "https://example.com/registry.yaml.gz?signature=a.b#c",
                Some(Encoding::Gzip),
                "https://example.com/registry.yaml",
            ),
            ("https://example.com/registry.json?name=x.gz", None, "https://example.com/registry.json"),
            ("gs://acme/registry.json.zst#42", Some(Encoding::Zstandard), "gs://acme/registry.json"),
            // A file may have such a name.
            ("registry?x.gz", Some(Encoding::Gzip), "registry?x"),
            ("registry.json.gz.minisig", None, "registry.json.gz.minisig"),
            (".gz", None, ".gz"),
            ("gz", None, "gz"),
            ("", None, ""),
        ] {
            assert_eq!((Encoding::of(source), document_name(source)), (encoding, name), "{source}");
        }
    }
}
