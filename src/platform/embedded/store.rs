//! The store: one file, its connections, and the two ways to use it, [`Store::read`] and [`Store::write`].
//!
//! Everything here blocks and belongs on a thread that may; [`Embedded`](super::Embedded) sees to that.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use super::faults::Faults;
use super::schema::{self, BUSY_LIMIT, OpenError, is_busy};
use crate::platform::{Error, Result};

/// An open embedded store.
///
/// Its public methods are [`Store::dump`] and, with the feature `testing`, the writes of others; anu itself uses the platform traits
/// of [`Embedded`](super::Embedded).
pub struct Store {
    path: PathBuf,
    faults: Faults,
    /// One writer per process: its threads queue here, in memory, and only processes compete for the file.
    writer: Mutex<Connection>,
    /// Readers see a consistent snapshot each and never wait for the writer.
    readers: Mutex<Vec<Connection>>,
    #[cfg(feature = "testing")]
    observer: std::sync::OnceLock<Observer>,
}

/// Reads the store after a commit.
#[cfg(feature = "testing")]
type Observer = Box<dyn Fn(&Store) + Send + Sync>;

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Between two attempts at a file that another process has locked.
const PAUSE: Duration = Duration::from_millis(2);

/// Who writes: only anu's own writes are counted and can fail by fault injection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    Anu,
    #[cfg(feature = "testing")]
    External,
}

/// Why work within a transaction ends early.
pub(super) enum Fail {
    /// The database said so.
    Database(rusqlite::Error),
    /// What is stored makes no sense; the text names it.
    Damaged(String),
    /// The verb's own answer.
    Refused(Error),
}

impl From<rusqlite::Error> for Fail {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Error> for Fail {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

pub(super) type Outcome<T> = std::result::Result<T, Fail>;

impl Store {
    /// Opens the store at `path`, and creates it if there is none. With the feature `testing`, the variable
    /// `ANU_EMBEDDED_FAULTS` can make it fail.
    pub fn open(path: &Path) -> std::result::Result<Self, OpenError> {
        Self::new(path, Faults::from_environment()?)
    }

    /// Opens the store with these faults.
    #[cfg(feature = "testing")]
    pub fn open_with(path: &Path, faults: Faults) -> std::result::Result<Self, OpenError> {
        Self::new(path, faults)
    }

    fn new(path: &Path, faults: Faults) -> std::result::Result<Self, OpenError> {
        let mut writer = schema::open(path)?;
        // Another process may be writing: then the next one that opens the store finishes them.
        if let Err(error) = schema::finish_deletions(&mut writer) {
            tracing::debug!(%error, "deletions not finished");
        }
        let writer = Mutex::new(writer);
        Ok(Self {
            path: path.to_owned(),
            faults,
            writer,
            readers: Mutex::default(),
            #[cfg(feature = "testing")]
            observer: std::sync::OnceLock::new(),
        })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The faults it was opened with, and the count of writes so far.
    #[cfg(feature = "testing")]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The time that every verb takes in addition; none, unless a fault sets one.
    pub(super) fn delay(&self) -> Option<Duration> {
        self.faults.delay()
    }

    /// `look` is called after each of anu's own commits, before any other write of this process, so that a test can check what
    /// must be true at every moment. The first observer stays.
    #[cfg(feature = "testing")]
    pub fn observe(&self, look: impl Fn(&Self) + Send + Sync + 'static) {
        // A second one is a mistake of the test, which then observes nothing.
        drop(self.observer.set(Box::new(look)));
    }

    /// Reads one consistent snapshot.
    pub(super) fn read<T>(&self, stop: &CancellationToken, work: impl FnOnce(&Connection) -> Outcome<T>) -> Result<T> {
        let idle = lock(&self.readers).pop();
        let reader = match idle {
            Some(reader) => reader,
            None => schema::open(&self.path).map_err(|error| Error::Unavailable(error.to_string().into()))?,
        };
        let snapshot = self.patiently(stop, || {
            let transaction = reader.unchecked_transaction()?;
            // A deferred transaction takes its snapshot at the first read, so that one is made here, where "busy" is
            // still harmless.
            transaction.query_row("SELECT revision FROM store", [], |row| row.get::<_, i64>(0))?;
            Ok(transaction)
        })?;
        let value = work(&snapshot).map_err(|fail| self.explain(fail));
        drop(snapshot);
        lock(&self.readers).push(reader);
        value
    }

    /// Whether nothing was ever written to it.
    pub(super) fn is_unwritten(&self, stop: &CancellationToken) -> Result<bool> {
        // Every write has a revision, except those of APIs, which also exist in projects of others.
        const UNWRITTEN: &str = "SELECT revision = 0 AND NOT EXISTS (SELECT 1 FROM api) FROM store";
        self.read(stop, |snapshot| Ok(snapshot.query_row(UNWRITTEN, [], |row| row.get(0))?))
    }

    /// Does `work` in one transaction that has the file for itself from its beginning. Work that fails, or changes nothing,
    /// leaves no trace.
    pub(super) fn write<T>(
        &self,
        author: Author,
        stop: &CancellationToken,
        resource: impl FnOnce() -> String,
        work: impl FnOnce(&Transaction<'_>) -> Outcome<T>,
    ) -> Result<T> {
        let writer = lock(&self.writer);
        // IMMEDIATE: a transaction that reads first and then finds that it may not write could only be thrown away.
        let transaction =
            self.patiently(stop, || Transaction::new_unchecked(&writer, TransactionBehavior::Immediate))?;
        let before = writer.total_changes();
        let value = work(&transaction).map_err(|fail| self.explain(fail))?;
        if writer.total_changes() == before {
            return Ok(value);
        }
        let nth = if author == Author::Anu { Some(self.faults.before_commit(resource)?) } else { None };
        transaction.commit().map_err(|error| self.explain(error.into()))?;
        if let Some(nth) = nth {
            self.faults.after_commit(nth);
            #[cfg(feature = "testing")]
            if let Some(look) = self.observer.get() {
                look(self);
            }
        }
        Ok(value)
    }

    /// Tries again while another process has the file locked, until the run is cancelled or [`BUSY_LIMIT`] has passed.
    fn patiently<T>(&self, stop: &CancellationToken, mut begin: impl FnMut() -> rusqlite::Result<T>) -> Result<T> {
        let begun = Instant::now();
        loop {
            match begin() {
                Err(error) if is_busy(&error) && begun.elapsed() < BUSY_LIMIT => {
                    if stop.is_cancelled() {
                        return Err(Error::Cancelled);
                    }
                    // The connection's own timeout has waited already, except where SQLite gives up at once.
                    #[allow(
                        clippy::disallowed_methods,
                        reason = "on a thread that may block; the loop ends with the run"
                    )]
                    std::thread::sleep(PAUSE);
                }
                Err(error) => return Err(self.explain(Fail::Database(error))),
                Ok(value) => return Ok(value),
            }
        }
    }

    /// The error as a user reads it.
    fn explain(&self, fail: Fail) -> Error {
        let path = self.path.display();
        let error = match fail {
            Fail::Refused(error) => return error,
            Fail::Damaged(what) => {
                let damaged = format!(
                    "the embedded store `{path}` is damaged: {what}. Move it out of the way to begin with an empty one, or put back a copy"
                );
                return Error::Unavailable(damaged.into());
            }
            Fail::Database(error) => error,
        };
        tracing::debug!(%error, %path, "embedded store");
        let text = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => format!(
                "the embedded store `{path}` was kept busy by another process for {} seconds: end that process, and try again",
                BUSY_LIMIT.as_secs()
            ),
            Some(ErrorCode::DiskFull) => {
                format!("the disk of the embedded store `{path}` is full: make room, and try again")
            }
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                format!("the embedded store `{path}` can no longer be written: was it moved, or made read-only?")
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => format!(
                "the embedded store `{path}` is damaged: move it out of the way to begin with an empty one, or put back a copy"
            ),
            Some(ErrorCode::SystemIoFailure) => {
                format!("the disk of the embedded store `{path}` does not answer as it should: check it, and try again")
            }
            _ => format!(
                "the embedded store `{path}` refused a request of anu's. This is a bug in anu; its log at level debug says more"
            ),
        };
        Error::Unavailable(text.into())
    }
}

/// The transaction of a thread that panicked with the lock was rolled back with it: nothing is half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The next revision: the etag of whatever this transaction changes.
pub(super) fn next_revision(transaction: &Transaction<'_>) -> Outcome<i64> {
    Ok(transaction.query_row("UPDATE store SET revision = revision + 1 RETURNING revision", [], |row| row.get(0))?)
}

/// A column of JSON.
pub(super) fn to_json(value: &impl Serialize) -> Outcome<String> {
    serde_json::to_string(value).map_err(|error| Fail::Damaged(format!("a value cannot be stored ({error})")))
}

/// A column of JSON, read back.
pub(super) fn from_json<T: DeserializeOwned>(text: &str, of: impl Display) -> Outcome<T> {
    serde_json::from_str(text).map_err(|_| Fail::Damaged(format!("its row of {of} is not readable")))
}

/// A column with one of our names.
pub(super) fn to_name<T: std::str::FromStr>(text: &str, kind: &str) -> Outcome<T> {
    text.parse().map_err(|_| Fail::Damaged(format!("`{text}` is not a {kind}")))
}
