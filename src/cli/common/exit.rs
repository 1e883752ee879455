//! The exit codes, the same for every verb. This table is the only place that defines and explains them.

/// How a verb ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Exit {
    Success,
    Failure,
    Usage,
    Missing,
    Stopped,
}

/// Every exit code with its number and its meaning.
const CODES: [(Exit, u8, &str); 5] = [
    (Exit::Success, 0, "success"),
    (Exit::Failure, 1, "failure, or a check that found something"),
    (Exit::Usage, 2, "wrong command line"),
    (Exit::Missing, 3, "a file, program or address that is needed was not found"),
    (Exit::Stopped, 130, "stopped by Ctrl-C"),
];

impl Exit {
    /// The number.
    pub(in crate::cli) fn code(self) -> u8 {
        CODES.iter().find(|(exit, ..)| *exit == self).map_or(1, |(_, code, _)| *code)
    }
}

/// The exit codes, for the help.
pub(in crate::cli) fn exit_codes() -> String {
    let lines = CODES.iter().map(|(_, code, meaning)| format!("  {code:<4} {meaning}"));
    format!("Exit codes:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exit_has_its_code() {
        let all = [Exit::Success, Exit::Failure, Exit::Usage, Exit::Missing, Exit::Stopped];
        assert_eq!(all.map(Exit::code), [0, 1, 2, 3, 130]);
    }
}
