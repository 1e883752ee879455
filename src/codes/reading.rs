//! Codes of reading the registry: its source, its signature, its age.

use super::code::{Code, Entry, Severity};
use super::example::Example::Shown;
use super::example::guide::{JSONNET, PUBLISHING, READING, REGISTRY, REVIEWING, SIGNED, SOURCES};

codes! {
    REGISTRY_NOT_READABLE: Error "registry-not-readable" "Registry is not readable",
        "None of the places that the registry may be read from has it: the message has each with its reason.",
        "Correct the address or the credentials of the first place. Fallbacks and a last good copy serve reading and plans, never an apply.",
        SOURCES, Shown;
    APPLY_NEEDS_SOURCE: Error "apply-needs-source" "Registry source is not readable",
        "The plan used a fallback or the last good copy. An apply does not: a copy may be out of date. Nothing was changed.",
        "Apply again when the source is readable.",
        READING, Shown;
    REGISTRY_ACCESS_REFUSED: Error "registry-access-refused" "Registry access refused",
        "A place refuses access. No other place is read after it: if access was withdrawn, a copy would hide that.",
        "Grant read access to the identity that anu uses, and check the address.",
        SOURCES, Shown;
    READ_FROM_FALLBACK: Warning "read-from-fallback" "Registry read from a fallback",
        "The source is not readable, and a fallback is. It may be older. An apply does not use it.",
        "Repair the source; the message has the reason.",
        READING, Shown;
    READ_FROM_LAST_GOOD_COPY: Warning "read-from-last-good-copy" "Registry read from the last good copy",
        "Neither the source nor a fallback is readable. The copy of an earlier run is used; the message states its age. An apply does not use it.",
        "Repair the source; the message has the reason.",
        READING, Shown;
    CANCELLED: Error "cancelled" "… was cancelled",
        "The run was stopped, with Ctrl-C or by the program that started it.",
        "Run again. What was done already is not done twice.",
        READING, Shown;
    INVALID_REGISTRY: Error "invalid-registry" "Registry is not valid",
        "The registry has errors, each with a code of its own. A run prints them once; later resources of the run, and the verdict of a command, have this one.",
        "Correct the errors that are printed before or after it. `anu registry validate` prints all of them.",
        REVIEWING, Shown;
    UNNAMED_REGISTRY: Error "unnamed-registry" "Registry has no name",
        "Everything that anu creates carries the name of its registry, and the document has none. Reading needs no name.",
        "Add `\"metadata\": {\"name\": \"NAME\"}` to the registry, or `name` to the `registry` block of the provider.",
        REGISTRY, Shown;
    REGISTRY_NOT_COMPILED: Error "registry-not-compiled" "Registry does not compile",
        "The registry is a program in Jsonnet, or a text in YAML, with an error. The message has its file, line and column.",
        "Correct it there. `anu registry compile` shows the same error.",
        JSONNET, Shown;
    REGISTRY_NOT_PINNED: Error "registry-not-pinned" "Registry cannot be pinned",
        "A pin is the digest of a compiled registry, and the source is a program: what it imports could change.",
        "Remove `sha256`, or compile the registry and pin the result.",
        JSONNET, Shown;
    REGISTRY_NOT_VERIFIED: Error "registry-not-verified" "Registry cannot be verified",
        "A signature is of a compiled registry, and the source is a program: what it imports has no signature.",
        "Remove `verify`, or compile the registry and sign the result.",
        SIGNED, Shown;
    SIGNATURE_NOT_ACCEPTED: Error "signature-not-accepted" "Registry signature is not accepted",
        "The registry must be signed, and its signature is missing, wrong, by a key that is not listed, or of another registry. That can be an attack, so no other place is read.",
        "Publish the registry again with its signature, or list the key of its publisher.",
        SIGNED, Shown;
    REGISTRY_TOO_OLD: Error "registry-too-old" "Registry is too old",
        "`metadata.compiledAt` is longer ago than `max_age` permits, or is missing.",
        "Publish the registry again, and check that the source is not a copy that is no longer updated.",
        SIGNED, Shown;
    REGISTRY_FROM_THE_FUTURE: Warning "registry-from-the-future" "Registry … is compiled in the future",
        "`metadata.compiledAt` is later than the clock of this machine. The registry is used for reading; plans and applies of resources are refused.",
        "Correct the clock of this machine or of the one that compiles the registry.",
        PUBLISHING, Shown;
}
