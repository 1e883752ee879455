//! When to ask again, and after how long.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Limits;

/// How long to wait before request number `nth` + 1: somewhere in the upper half of a time that doubles, so that many who
/// failed together do not come back together; or what the server asks for. `None`: longer than we are willing to.
pub(super) fn pause(nth: u32, retry_after: Option<Duration>, limits: &Limits) -> Option<Duration> {
    let longest = limits.pause.saturating_mul(1 << nth.saturating_sub(1).min(16)).min(limits.longest_pause);
    let random = (RandomState::new().build_hasher().finish() % 1000) as f64 / 1000.0;
    let ours = longest.mul_f64(0.5 + random / 2.0);
    match retry_after {
        Some(retry_after) if retry_after > limits.longest_pause => None,
        Some(retry_after) => Some(retry_after.max(ours)),
        None => Some(ours),
    }
}

/// What a `Retry-After` header asks for: seconds, or a date.
pub(super) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value.trim()).ok()?;
    let date = UNIX_EPOCH + Duration::from_secs(date.timestamp().as_second().try_into().ok()?);
    date.duration_since(now).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_obey_the_server() {
        let limits = Limits {
            pause: Duration::from_millis(100),
            longest_pause: Duration::from_millis(300),
            ..Limits::default()
        };
        for (nth, longest) in [(1, 100), (2, 200), (3, 300), (60, 300)] {
            let pause = pause(nth, None, &limits).expect("a pause").as_millis();
            assert!((longest / 2..=longest).contains(&pause), "{nth}: {pause} ms");
        }
        assert_eq!(pause(1, Some(Duration::from_millis(250)), &limits), Some(Duration::from_millis(250)));
        assert_eq!(pause(1, Some(Duration::from_secs(3600)), &limits), None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_445_412_400);
        assert_eq!(retry_after(" 7 ", now), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT", now), Some(Duration::from_secs(80)));
        assert_eq!(retry_after("Wed, 21 Oct 2014 07:28:00 GMT", now), None, "a date gone by, and a wrong weekday");
        assert_eq!(retry_after("soon", now), None);
    }
}
