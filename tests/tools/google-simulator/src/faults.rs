//! Faults by rule: which requests go wrong, and how.

use std::time::Duration;

/// A rule: what happens to requests that match it.
///
/// ```
/// use google_simulator::Fault;
/// let third_write_fails_once = Fault::on("POST", "*:setIamPolicy").after(2).times(1).status(503);
/// ```
#[derive(Debug, Clone)]
pub struct Fault {
    method: String,
    path: String,
    skip: usize,
    times: Option<usize>,
    action: Action,
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    /// It is answered with this error and not executed.
    Answer { status: u16, message: String, retry_after: Option<u32> },
    /// It is executed later.
    Delay(Duration),
    /// The connection is cut and it is not executed.
    CutBefore,
    /// It is executed and the connection is cut instead of an answer.
    CutAfter,
    /// It is not executed and there is no answer, ever.
    HangBefore,
    /// It is executed and there is no answer, ever.
    HangAfter,
    /// Cancelled operations: it is executed and its operation ends with this error.
    FailOperation { status: u16, message: String },
}

impl Fault {
    /// Requests with this method and path: `*` in either matches any text. A fault without an action is status 503.
    pub fn on(method: &str, path: &str) -> Self {
        Self { method: method.to_owned(), path: path.to_owned(), skip: 0, times: None, action: unavailable(503) }
    }

    /// The request of this number from now on, counted from 1, whatever it is.
    pub fn nth(number: usize) -> Self {
        Self::on("*", "*").after(number.saturating_sub(1)).times(1)
    }

    /// Not the first `requests` that match.
    pub fn after(self, requests: usize) -> Self {
        Self { skip: requests, ..self }
    }

    /// Only so many times.
    pub fn times(self, times: usize) -> Self {
        Self { times: Some(times), ..self }
    }

    /// An error with this status.
    pub fn status(self, status: u16) -> Self {
        Self { action: unavailable(status), ..self }
    }

    /// An error with this status and message.
    pub fn error(self, status: u16, message: &str) -> Self {
        Self { action: Action::Answer { status, message: message.to_owned(), retry_after: None }, ..self }
    }

    /// An error with this status and the header `Retry-After`.
    pub fn retry_after(self, status: u16, seconds: u32) -> Self {
        let message = default_message(status).to_owned();
        Self { action: Action::Answer { status, message, retry_after: Some(seconds) }, ..self }
    }

    /// The answer is late.
    pub fn delay(self, delay: Duration) -> Self {
        Self { action: Action::Delay(delay), ..self }
    }

    /// The connection is cut before the request is executed.
    pub fn cut_before(self) -> Self {
        Self { action: Action::CutBefore, ..self }
    }

    /// The request is executed, and the connection is cut instead of an answer.
    pub fn cut_after(self) -> Self {
        Self { action: Action::CutAfter, ..self }
    }

    /// The request is not executed, and there is no answer: the place to kill a client at.
    pub fn hang_before(self) -> Self {
        Self { action: Action::HangBefore, ..self }
    }

    /// The request is executed, and there is no answer.
    pub fn hang_after(self) -> Self {
        Self { action: Action::HangAfter, ..self }
    }

    /// The request is accepted, and the operation that it starts ends with this error.
    pub fn fail_operation(self, status: u16, message: &str) -> Self {
        Self { action: Action::FailOperation { status, message: message.to_owned() }, ..self }
    }
}

fn unavailable(status: u16) -> Action {
    Action::Answer { status, message: default_message(status).to_owned(), retry_after: None }
}

fn default_message(status: u16) -> &'static str {
    match status {
        403 => "The caller does not have permission",
        429 => "Resource has been exhausted (e.g. check quota).",
        500 => "Internal error encountered.",
        503 => "The service is currently unavailable.",
        504 => "Deadline expired before operation could complete.",
        _ => "A fault of the simulator.",
    }
}

/// The rules that are in force.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// What happens to this request: the action of the first rule that matches and whose turn it is. Every rule that matches
    /// counts the request.
    pub fn action(&mut self, method: &str, path: &str) -> Option<Action> {
        let mut action = None;
        for fault in self.0.iter_mut().filter(|fault| matches(&fault.method, method) && matches(&fault.path, path)) {
            if fault.skip > 0 {
                fault.skip -= 1;
            } else if fault.times != Some(0) && action.is_none() {
                fault.times = fault.times.map(|times| times - 1);
                action = Some(fault.action.clone());
            }
        }
        action
    }
}

/// Whether `text` matches `pattern`, in which `*` is any text.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(start) else { return false };
    text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| matches(rest, &text[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text() {
        assert!(matches("*", ""));
        assert!(matches("/v3/projects/*:setIamPolicy", "/v3/projects/a:setIamPolicy"));
        assert!(!matches("/v3/projects/*:setIamPolicy", "/v3/projects/a:getIamPolicy"));
        assert!(!matches("/v3/projects", "/v3/projects/a"));
    }

    #[test]
    fn a_rule_skips_then_acts_so_many_times() {
        let mut faults = Faults::default();
        faults.add(Fault::on("GET", "/a").after(1).times(2).cut_before());
        let acted: Vec<bool> = (0..5).map(|_| faults.action("GET", "/a").is_some()).collect();
        assert_eq!(acted, [false, true, true, false, false]);
        assert_eq!(faults.action("POST", "/a"), None);
    }
}
