//! The form for a terminal.

use std::fmt;

use super::report::{Found, Report};
use crate::cli::common::count;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Found { problem, excerpt, .. } in &self.problems {
            writeln!(f, "{problem}")?;
            if let Some(excerpt) = excerpt {
                writeln!(f, "{excerpt}")?;
            }
            writeln!(f)?;
        }
        if let Some(left_out) = self.left_out() {
            writeln!(f, "{left_out}")?;
        }
        // What has errors ends with an error.
        match self.services {
            Some(services) => writeln!(f, "{}: {}", self.verdict(), count(services, "service")),
            None if self.errors == 0 => writeln!(f, "{}", self.verdict()),
            None => Ok(()),
        }
    }
}
