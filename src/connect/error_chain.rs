//! Error chains: an error, its cause, the cause of that.

use std::error::Error;

/// An error and its causes in one line, joined by `: `. A cause that the text before it already ends with is not repeated:
/// many errors print their cause themselves.
pub fn error_chain(error: &(dyn Error + 'static)) -> String {
    join(chain(error))
}

/// As [`error_chain`], without the error itself. Some put addresses with secrets into their own text.
pub(super) fn causes(error: &(dyn Error + 'static)) -> String {
    join(chain(error).skip(1))
}

/// The last cause. Where the outer errors only name the layers of a library, it alone states what happened.
pub fn root_cause(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

/// The first error of a type in a chain.
pub fn find_cause<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    chain(error).find_map(|error| error.downcast_ref())
}

fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        // An io::Error hides what it wraps from `source`.
        match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

fn join<'e>(chain: impl Iterator<Item = &'e (dyn Error + 'static)>) -> String {
    let mut text = String::new();
    for error in chain {
        let cause = error.to_string();
        if text.is_empty() {
            text = cause;
        } else if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Layer {
        text: &'static str,
        source: io::Error,
    }

    #[derive(Debug, PartialEq, thiserror::Error)]
    #[error("no route")]
    struct Innermost;

    #[test]
    fn each_text_stands_once() {
        let layer = |text| Layer { text, source: io::Error::other(Innermost) };
        let error = layer("client error (Connect)");
        assert_eq!(error_chain(&error), "client error (Connect): no route");
        assert_eq!(causes(&error), "no route");
        assert_eq!(root_cause(&error), "no route");
        assert_eq!(find_cause::<Innermost>(&error), Some(&Innermost));
        assert_eq!(error_chain(&layer("cannot connect: no route")), "cannot connect: no route");
        assert_eq!((error_chain(&Innermost), causes(&Innermost)), ("no route".to_owned(), String::new()));
    }
}
