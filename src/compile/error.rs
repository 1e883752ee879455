//! Why a program does not compile, and where.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::connect::Cancelled;
use crate::printable::{escape, escape_lines};

/// Why a program does not compile.
///
/// `Display` is the complete text, the same on the command line and in Terraform, without hidden characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompileError {
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The place.
    pub place: Option<Box<Place>>,
    /// What led there, the innermost first.
    pub frames: Vec<Frame>,
    /// The number of frames between the first and the last of `frames` that are not in it.
    pub frames_omitted: usize,
    /// What to do, if it does not follow from the message.
    pub help: Option<String>,
}

/// A place in a program: one line of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file, as the user would name it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters, from 1.
    pub column: usize,
    /// How many characters of the line it is about.
    pub width: usize,
    /// The line.
    pub text: String,
}

/// A step on the way to the place: a call, a field, an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// What it is: ``function `service` ``.
    pub what: String,
    /// Where: `FILE:LINE:COLUMN`.
    pub position: Option<String>,
}

impl CompileError {
    /// An error without a place.
    pub(super) fn plain(message: String) -> Self {
        Self { message, place: None, frames: Vec::new(), frames_omitted: 0, help: None }
    }
}

impl Place {
    /// `FILE:LINE:COLUMN`.
    pub fn position(&self) -> String {
        format!("{}:{}:{}", escape(&self.file), self.line, self.column)
    }

    /// The most of a line that is shown.
    const MOST_SHOWN: usize = 160;

    /// The line with its number and carets below.
    fn excerpt(&self) -> String {
        let start = (self.column - 1).saturating_sub(Self::MOST_SHOWN / 2);
        let part = |from: usize, count: usize| -> String {
            let part: String = self.text.chars().skip(from).take(count).collect();
            escape_lines(&part.replace('\t', "    ")).into_owned()
        };
        // Each part as it is printed, so that the carets are below their text.
        let before = part(start, self.column - 1 - start);
        let width = self.width.min(Self::MOST_SHOWN);
        let carets = part(self.column - 1, width).chars().count().max(1);
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        format!(
            "{gutter} |\n{number} | {}\n{gutter} | {}{}",
            part(start, Self::MOST_SHOWN),
            " ".repeat(before.chars().count()),
            "^".repeat(carets)
        )
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The program's own lines are indented, so that none can pass for another message.
        write!(f, "{}", escape_lines(&self.message).replace('\n', "\n  "))?;
        if let Some(place) = &self.place {
            write!(f, "\n  --> {}\n{}", place.position(), place.excerpt())?;
        }
        let half = self.frames.len() / 2;
        for (nth, frame) in self.frames.iter().enumerate() {
            if nth == half && self.frames_omitted > 0 {
                write!(f, "\n  … {} more", self.frames_omitted)?;
            }
            write!(f, "\n  in {}", escape(&frame.what))?;
            if let Some(position) = &frame.position {
                write!(f, ", {}", escape(position))?;
            }
        }
        if let Some(help) = &self.help {
            write!(f, "\n{}", escape_lines(help))?;
        }
        Ok(())
    }
}

impl std::error::Error for CompileError {}

/// Why there is no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompileFailure {
    /// The user stopped the run.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The program is wrong.
    #[error(transparent)]
    Program(Box<CompileError>),
}

impl From<CompileError> for CompileFailure {
    fn from(error: CompileError) -> Self {
        Self::Program(Box::new(error))
    }
}
