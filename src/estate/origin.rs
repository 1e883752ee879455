//! What people wrote: the document, or what it was compiled from. Problems of the document are located in it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::compile::{locations_in_folder, locations_in_program, positions_in_yaml};
use crate::registry::{Location, Position, Problem, positions_of};

/// What people wrote.
#[derive(Debug)]
pub(super) enum Origin {
    /// The document.
    Json,
    /// This YAML.
    Yaml(String),
    /// The files of this folder.
    Folder(PathBuf),
    /// A program.
    Jsonnet {
        /// Its files.
        files: Vec<PathBuf>,
        /// The text that it begins with, and its name, if that is not one of them.
        text: Option<(String, String)>,
    },
}

impl Origin {
    /// Adds to problems where what they are about is written, as far as that can be told.
    pub(super) fn locate(&self, source_name: &str, json: &[u8], problems: &mut [Problem]) {
        if problems.is_empty() {
            return;
        }
        let Ok(json) = std::str::from_utf8(json) else { return };
        let pointers = problems.iter().map(|problem| problem.pointer.as_str());
        let locations = self.locations(source_name, json, pointers);
        for (problem, location) in problems.iter_mut().zip(locations) {
            problem.location = location;
        }
    }

    /// Where each pointer is written, as far as that can be told.
    pub(super) fn locations<'p>(
        &self,
        source_name: &str,
        json: &str,
        pointers: impl Iterator<Item = &'p str>,
    ) -> Vec<Option<Location>> {
        let file: Arc<str> = source_name.into();
        let of_file =
            |position: Option<Position>| position.map(|position| Location { file: Arc::clone(&file), position });
        match self {
            Self::Json => positions_of(json, pointers).into_iter().map(of_file).collect(),
            Self::Yaml(text) => positions_in_yaml(text, pointers).into_iter().map(of_file).collect(),
            Self::Folder(folder) => locations_in_folder(folder, pointers),
            Self::Jsonnet { files, text } => {
                let text = text.as_ref().map(|(name, text)| (name.as_str(), text.as_str()));
                locations_in_program(files, text, json, pointers)
            }
        }
    }
}
