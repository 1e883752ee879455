//! Codes of the provider's configuration, of reading the registry, and of what core sends.

use super::code::{Code, Entry, Severity};

codes! {
    BUG: Error "bug" "Bug in anu";
    UNREADABLE_STATE: Error "unreadable-state" "State of a resource is not readable";
    UNREADABLE_PRIVATE_STATE: Error "unreadable-private-state" "Private state of a resource is not readable";
    NOT_IN_THIS_VERSION: Error "not-in-this-version" "Provider has no …";
    UNSUPPORTED_MOVE: Error "unsupported-move" "Unsupported move";
    MISSING_VALUE: Error "missing-value" "Missing value";
    INVALID_VALUE: Error "invalid-value" "Invalid value";
    UNKNOWN_ARGUMENT: Error "unknown-argument" "Data source must be known at plan";
    UNKNOWN_CONFIGURATION: Error "unknown-configuration" "Provider configuration must be known at plan";
    TWO_PLATFORMS: Error "two-platforms" "Two platforms for one kind";
    NO_PLATFORM: Error "no-platform" "No platform is configured";
    EMBEDDED_NOT_OPENED: Error "embedded-not-opened" "Embedded platform cannot be opened";
    BLOCK_WITHOUT_EFFECT: Error "block-without-effect" "Block without effect";
    BAD_CLUSTER: Error "bad-cluster" "Invalid cluster";
    BAD_PERMISSIONS: Error "bad-permissions" "Invalid permissions";
    BAD_HEADER: Error "bad-header" "Invalid header";
    DUPLICATE_HEADER: Error "duplicate-header" "Two values for one header";
    DUPLICATE_ITEM: Error "duplicate-item" "Duplicate …";
    TOO_MANY_ENDS: Error "too-many-ends" "Too many ends";
    TOO_MANY_MEMBERS: Error "too-many-members" "Too many members";
    NO_REGISTRY: Error "no-registry" "No registry is configured";
    UNNAMED_REGISTRY: Error "unnamed-registry" "Registry has no name";
    INVALID_REGISTRY: Error "invalid-registry" "Registry is not valid";
    MORE_ERRORS: Error "more-errors" "More problems";
    MORE_WARNINGS: Warning "more-warnings" "More problems";
    REGISTRY_NOT_READABLE: Error "registry-not-readable" "Registry is not readable";
    REGISTRY_ACCESS_REFUSED: Error "registry-access-refused" "Registry access refused";
    REGISTRY_NOT_COMPILED: Error "registry-not-compiled" "Registry does not compile";
    REGISTRY_NOT_PINNED: Error "registry-not-pinned" "Registry cannot be pinned";
    REGISTRY_NOT_VERIFIED: Error "registry-not-verified" "Registry cannot be verified";
    SIGNATURE_NOT_ACCEPTED: Error "signature-not-accepted" "Registry signature is not accepted";
    REGISTRY_TOO_OLD: Error "registry-too-old" "Registry is too old";
    REGISTRY_FROM_THE_FUTURE: Warning "registry-from-the-future" "Registry … is compiled in the future";
    READ_FROM_FALLBACK: Warning "read-from-fallback" "Registry read from a fallback";
    READ_FROM_LAST_GOOD_COPY: Warning "read-from-last-good-copy" "Registry read from the last good copy";
    CANCELLED: Error "cancelled" "… was cancelled";
    APPLY_NEEDS_SOURCE: Error "apply-needs-source" "Registry source is not readable";
    EMPTY_SELECTION: Error "empty-selection" "Selection matches nothing";
}
