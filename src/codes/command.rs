//! Codes of the command line alone. Its summaries name the option or file, so these have several; the row has the title of the page.

use super::code::{Code, Entry, Severity};

codes! {
    COMMAND_LINE: Error "command-line" "Wrong command line";
    NOT_FOUND: Error "not-found" "File or program not found";
    FILE_NOT_ACCESSIBLE: Error "file-not-accessible" "File cannot be read or written";
    STANDARD_INPUT: Error "standard-input" "Standard input cannot be used";
    NOT_OVERWRITTEN: Error "not-overwritten" "Refusing to overwrite files";
    NOT_FORMATTED: Error "not-formatted" "Files are not formatted";
    REGISTRIES_DIFFER: Error "registries-differ" "Registries differ";
    NOT_COMPARED: Warning "not-compared" "Registry is not compared with an earlier one";
    NOTHING_TO_WRITE: Warning "nothing-to-write" "Nothing to write";
    FILE_LEFT_OVER: Warning "file-left-over" "File is left over";
    SIGNING_FAILED: Error "signing-failed" "Registry cannot be signed";
    PUBLISHING_REFUSED: Error "publishing-refused" "Publishing is refused";
    NOT_PUBLISHED: Error "not-published" "Registry is not published";
    DEMO_FAILED: Error "demo-failed" "Demo failed";
    DOCUMENTATION: Error "documentation" "Documentation is out of date";
}
