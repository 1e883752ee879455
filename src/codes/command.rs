//! Codes of the command line alone. Its summaries name the option or file, so these have several; the row has the title of the page.

use super::code::{Code, Entry, Severity};
use super::example::Example::Shown;
use super::example::guide::{ASKING, GETTING_STARTED, KUBERNETES, PUBLISHING, REVIEWING};

codes! {
    COMMAND_LINE: Error "command-line" "Wrong command line",
        "Options of `anu` contradict each other, or one has a value that it cannot have. The exit code is 2.",
        "Correct it as the message says. `anu VERB --help` has every option with examples.",
        REVIEWING, Shown;
    NOT_FOUND: Error "not-found" "File or program not found",
        "A file, folder, program or revision that the command needs does not exist. The exit code is 3.",
        "Correct the name, or run the command in another folder.",
        REVIEWING, Shown;
    NO_SERVICE_NAMED: Error "no-service-named" "No service is named",
        "A command about one service was given no name, and the git repository of the working folder does not lead to exactly one service.",
        "Name the service. For the next time, write the address of the repository into `repository` of the service's entry.",
        ASKING, Shown;
    UNKNOWN_KEY: Error "unknown-key" "Registry has no resource of this key",
        "`anu explain` or `anu access who` was given a text that is neither a resource key of the registry, nor a service, nor a code.",
        "Copy the key from a plan or from the state, where `anu_registry_service` lists the keys of its resources.",
        ASKING, Shown;
    UNKNOWN_PRINCIPAL: Error "unknown-principal" "Principal is written in a form that no platform has",
        "`anu access can` was given a text that is neither a principal nor a team of the registry.",
        "Write `group:EMAIL`, `user:EMAIL`, `serviceAccount:EMAIL`, `principal://…`, `principalSet://…`, `Group:NAME` or `User:NAME` as a cluster has it, or the name of a team.",
        ASKING, Shown;
    NO_CONTEXT: Error "no-context" "Kubeconfig has no context for the cluster",
        "A command that uses a cluster found neither a context with the cluster's name in the kubeconfig, nor one that `gcloud` writes, nor an option `--context`.",
        "Run the command that the message shows, or name the context: `--context CLUSTER=CONTEXT`.",
        ASKING, Shown;
    TARGET_NOT_CHOSEN: Error "target-not-chosen" "Several targets are possible",
        "The service has several environments, or the environment several targets, and the command is about one.",
        "Choose one with `--environment`, `--cluster` and `--namespace`.",
        ASKING, Shown;
    NO_LINK: Error "no-link" "No such link",
        "`anu open` was given the name of a link that neither the environment, the service nor the cluster has, or one with a placeholder that has no value there.",
        "Choose one of those that `anu open SERVICE` lists, or add it to `links` in the registry.",
        ASKING, Shown;
    CHECKS_FAILED: Error "checks-failed" "Checks failed",
        "`anu doctor` found something that is there and does not work.",
        "Under each line that failed is what mends it.",
        ASKING, Shown;
    UNKNOWN_VERB: Error "unknown-verb" "Unknown verb",
        "The first argument of `anu` is neither a verb nor the name of a plugin: a program `anu-VERB` on PATH.",
        "Correct it; `anu --help` lists the verbs. Or put the plugin on PATH, and make it executable.",
        ASKING, Shown;
    FILE_NOT_ACCESSIBLE: Error "file-not-accessible" "File cannot be read or written",
        "The operating system refuses to read, write or create a file.",
        "Correct the path or its permissions.",
        PUBLISHING, Shown;
    STANDARD_INPUT: Error "standard-input" "Standard input cannot be used",
        "The text on standard input is empty, too large, or not UTF-8.",
        "Check the program before the pipe: in a pipe its failure does not stop `anu`.",
        PUBLISHING, Shown;
    NOT_OVERWRITTEN: Error "not-overwritten" "Refusing to overwrite files",
        "A folder contains files of the same names that the same command did not write.",
        "Write to another folder, or delete the files first.",
        KUBERNETES, Shown;
    NOT_FORMATTED: Error "not-formatted" "Files are not formatted",
        "`anu registry fmt --check` found files, or a text on standard input, in another form than the canonical one.",
        "Run `anu registry fmt` on them.",
        PUBLISHING, Shown;
    REGISTRIES_DIFFER: Error "registries-differ" "Registries differ",
        "`anu registry diff --exit-code` found a difference, which that option makes a failure.",
        "Read the comparison on standard output.",
        REVIEWING, Shown;
    NOT_COMPARED: Warning "not-compared" "Registry is not compared with an earlier one",
        "There is no earlier registry to compare with, or it cannot be read. All of the registry counts as new.",
        "Check the revision if there should be one.",
        REVIEWING, Shown;
    NOTHING_TO_WRITE: Warning "nothing-to-write" "Nothing to write",
        "The registry, or what is selected of it, has no resources on a cluster.",
        "Check the selection.",
        KUBERNETES, Shown;
    FILE_LEFT_OVER: Warning "file-left-over" "File is left over",
        "A folder of manifests has the file of a cluster that the registry does not contain. A tool that applies the folder still applies it.",
        "Delete the file if the cluster no longer exists.",
        KUBERNETES, Shown;
    SIGNING_FAILED: Error "signing-failed" "Registry cannot be signed",
        "The secret key cannot be read, needs a password, or the password is wrong.",
        "Correct `--sign`, or set the variable with the password that the message names.",
        PUBLISHING, Shown;
    PUBLISHING_REFUSED: Error "publishing-refused" "Publishing is refused",
        "The registry at the place is newer, has another name, is signed, or the change is beyond the limits of the guard. Nothing was written.",
        "Check that this is the registry that was meant. The message has the option that accepts the change.",
        PUBLISHING, Shown;
    NOT_PUBLISHED: Error "not-published" "Registry is not published",
        "A place could not be written, or another publisher was faster. The report says which places have the registry.",
        "Correct the cause and run the command again: places that have it are not written twice.",
        PUBLISHING, Shown;
    DEMO_FAILED: Error "demo-failed" "Demo failed",
        "A command of the demo failed, or its folder contains files of another origin.",
        "Read the output of the command above the error. `--dir` chooses another folder.",
        GETTING_STARTED, Shown;
    DOCUMENTATION: Error "documentation" "Documentation is out of date",
        "`anu docs --check`, a command for contributors, found pages that differ from what they are generated from.",
        "Run `cargo run --bin anu -- docs`, and commit the files.",
        GETTING_STARTED, Shown;
}
