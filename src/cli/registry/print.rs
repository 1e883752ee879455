//! `anu registry`: the registry itself, as JSON.

use super::layout::layout;
use crate::cli::common::{Error, Printer, Source, not_json};
use crate::discovery::Mode;
use crate::printable::escape_json;

pub(super) fn run(printer: &Printer, source: &Source) -> Result<(), Error> {
    let place = source.place(printer)?;
    source.check_input(&[&place])?;
    let document = source.read_at(&place, printer, Mode::Read)?;
    let text = std::str::from_utf8(&document.json).ok().and_then(|text| layout(text).ok());
    let Some(text) = text else { return Err(not_json(printer, &document.json, &document.source)) };
    printer.text(&escape_json(&text))
}
