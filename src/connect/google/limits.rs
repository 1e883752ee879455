//! Requests a minute, below Google's quotas.
//!
//! A quota counts the requests of one minute, of all processes that share a quota project. A command of Terraform is several
//! processes, and an apply often follows a plan within the minute. So the bound holds for two that follow each other: each may
//! make its burst at once, and both together what is refilled in a minute: `2 * burst + 60 * rate < quota`.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::super::context::{Cancelled, RequestContext};
use super::settings::{Api, Quotas};

/// Of a quota, what may be used at once.
const BURST: f64 = 0.15;
/// Of a quota, what is refilled in a minute.
const REFILL: f64 = 0.65;
const MINUTE: Duration = Duration::from_secs(60);
/// The first pause between two polls of an operation, where reads are plenty.
const FIRST_POLL: Duration = Duration::from_millis(100);

/// Google's published quotas a minute, for requests that read and requests that write. Cloud Billing's are not published as a
/// number that all users have; 300 is its default.
fn published(api: Api, write: bool) -> u32 {
    match (api, write) {
        (Api::ResourceManager, _) => 600,
        (Api::ServiceUsage, false) => 240,
        (Api::ServiceUsage, true) => 60,
        (Api::Billing, _) => 300,
        (Api::Iam, false) => 6000,
        (Api::Iam, true) => 600,
        (Api::IamCredentials, _) => 6000,
    }
}

/// The requests of this process.
#[derive(Debug)]
pub(super) struct Limits {
    /// For each API, reads and writes.
    buckets: Option<[[Bucket; 2]; Api::ALL.len()]>,
    /// How long a minute of the quotas is, where there are any.
    minute: Option<Duration>,
}

impl Limits {
    pub(super) fn new(quotas: Quotas) -> Self {
        let (most, minute) = match quotas {
            Quotas::Unlimited => return Self { buckets: None, minute: None },
            Quotas::Published(most) => (most, MINUTE),
            Quotas::ShortMinutes(minute) => (None, minute),
        };
        let buckets = Api::ALL.map(|api| {
            [false, true].map(|write| {
                let quota = published(api, write);
                Bucket::new(most.map_or(quota, |most| most.clamp(1, quota)), minute)
            })
        });
        Self { buckets: Some(buckets), minute: Some(minute) }
    }

    /// The first pause between two polls of an operation, and by how much each is longer than the last one.
    ///
    /// Service Usage has few reads a minute and several operations for each project: polls every tenth of a second would be what
    /// a run of many projects waits for.
    pub(super) fn polling(&self, api: Api) -> (Duration, u32) {
        match (api, self.minute) {
            (Api::ServiceUsage, Some(minute)) => (minute / 120, 3),
            _ => (FIRST_POLL, 2),
        }
    }

    /// Waits until a request that costs this much may be made.
    pub(super) async fn admit(&self, ctx: &RequestContext, api: Api, write: bool, cost: u32) -> Result<(), Cancelled> {
        let Some(buckets) = &self.buckets else { return Ok(()) };
        let bucket = &buckets[api as usize][usize::from(write)];
        let pause = bucket.reserve(Instant::now(), cost);
        if pause.is_zero() {
            return Ok(());
        }
        tracing::debug!(api = api.name(), write, ?pause, "waiting for the quota");
        ctx.sleep(pause).await
    }
}

/// A bucket that refills steadily. Only the time is stored at which it will be full again.
#[derive(Debug)]
struct Bucket {
    burst: Duration,
    each: Duration,
    full: Mutex<Option<Instant>>,
}

impl Bucket {
    fn new(quota: u32, minute: Duration) -> Self {
        let each = minute.div_f64(f64::from(quota) * REFILL);
        Self { burst: each.mul_f64((f64::from(quota) * BURST).floor().max(1.0)), each, full: Mutex::new(None) }
    }

    /// Takes `cost` from the bucket, and returns how long to wait before it is there. Reservations are served in their order.
    fn reserve(&self, now: Instant, cost: u32) -> Duration {
        let mut full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        let next = full.map_or(now, |full| full.max(now)) + self.each * cost;
        *full = Some(next);
        (next - now).saturating_sub(self.burst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A process makes requests as fast as it may, and another one after `first` seconds: the most that is used in any minute.
    fn peak(quota: u32, cost: u32, first: u64) -> u32 {
        let (began, first) = (Instant::now(), Duration::from_secs(first));
        let mut made: Vec<Duration> = Vec::new();
        for (start, end) in [(Duration::ZERO, first), (first, first + Duration::from_secs(60))] {
            let (bucket, mut now) = (Bucket::new(quota, MINUTE), start);
            loop {
                now += bucket.reserve(began + now, cost);
                if now >= end {
                    break;
                }
                made.push(now);
            }
        }
        let minute =
            |from: &Duration| made.iter().filter(|at| (*from..*from + Duration::from_secs(60)).contains(*at)).count();
        let most = made.iter().map(minute).max().unwrap_or_default();
        u32::try_from(most).expect("a small number") * cost
    }

    #[test]
    fn two_processes_in_one_minute_stay_below_the_quota() {
        for first in [1, 30, 59] {
            for (api, write) in Api::ALL.into_iter().flat_map(|api| [(api, false), (api, true)]) {
                let quota = published(api, write).min(600);
                let peak = peak(quota, 1, first);
                assert!(peak < quota && peak > quota / 2, "{api:?} {write}: {peak} of {quota}");
            }
            assert!(peak(600, 10, first) < 600, "project creations");
            assert!(peak(60, 5, first) < 60, "batches of APIs");
        }
    }

    #[test]
    fn a_cost_above_the_burst_is_waited_for() {
        let (bucket, now) = (Bucket::new(10, MINUTE), Instant::now());
        let pause = bucket.reserve(now, 10);
        assert!(pause > Duration::from_secs(60), "{pause:?}");
        assert!(bucket.reserve(now, 1) > pause, "in their order");
    }

    #[tokio::test]
    async fn a_cancelled_run_does_not_wait() {
        let (limits, ctx) = (Limits::new(Quotas::Published(Some(1))), RequestContext::default());
        assert_eq!(limits.admit(&ctx, Api::Iam, true, 1).await, Ok(()));
        ctx.cancel.cancel();
        assert_eq!(limits.admit(&ctx, Api::Iam, true, 1).await, Err(Cancelled));
        let unlimited = Limits::new(Quotas::Unlimited);
        for _ in 0..10_000 {
            assert_eq!(unlimited.admit(&RequestContext::default(), Api::Iam, true, 10).await, Ok(()));
        }
    }
}
