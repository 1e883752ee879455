//! The database file: its tables, its version, and everything that can be wrong with it when it is opened.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

#[cfg(feature = "testing")]
use super::faults::FaultError;

/// Identifies the file as ours, in its header: `anu1` in ASCII.
const APPLICATION_ID: i64 = 0x616e_7531;
/// The version of the tables below.
const SCHEMA_VERSION: i64 = 4;

/// How long one attempt waits for another process that has locked the file, before cancellation is checked.
const BUSY_SLICE: Duration = Duration::from_millis(200);
/// How long all attempts together wait.
pub(super) const BUSY_LIMIT: Duration = Duration::from_secs(60);

/// Every write bumps `store.revision`, and the etag of what it changes is that number: a thing that is deleted and made
/// again never shows an old etag. Labels, annotations and the like are JSON objects, as they are always read whole.
const TABLES: &str = "
CREATE TABLE store (revision INTEGER NOT NULL) STRICT;
INSERT INTO store VALUES (0);

CREATE TABLE project (
    id TEXT PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('CREATING', 'ACTIVE', 'DELETE_REQUESTED')),
    display_name TEXT NOT NULL,
    parent TEXT,
    billing_account TEXT,
    labels TEXT NOT NULL,
    etag INTEGER NOT NULL
) STRICT;
CREATE TABLE api (project TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (project, name)) STRICT, WITHOUT ROWID;
CREATE TABLE policy (project TEXT PRIMARY KEY, etag INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE policy_member (
    project TEXT NOT NULL,
    role TEXT NOT NULL,
    condition TEXT NOT NULL DEFAULT '',
    member TEXT NOT NULL,
    PRIMARY KEY (project, role, condition, member)
) STRICT, WITHOUT ROWID;

CREATE TABLE namespace (
    cluster TEXT NOT NULL,
    name TEXT NOT NULL,
    phase TEXT NOT NULL CHECK (phase IN ('Active', 'Terminating')),
    labels TEXT NOT NULL,
    annotations TEXT NOT NULL,
    finalizers TEXT NOT NULL DEFAULT '[]',
    etag INTEGER NOT NULL,
    PRIMARY KEY (cluster, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE quota (
    cluster TEXT NOT NULL,
    namespace TEXT NOT NULL,
    labels TEXT NOT NULL,
    hard TEXT NOT NULL,
    PRIMARY KEY (cluster, namespace),
    FOREIGN KEY (cluster, namespace) REFERENCES namespace ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TABLE role_binding (
    cluster TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    labels TEXT NOT NULL,
    role TEXT NOT NULL,
    subjects TEXT NOT NULL,
    PRIMARY KEY (cluster, namespace, name),
    FOREIGN KEY (cluster, namespace) REFERENCES namespace ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TABLE content (
    cluster TEXT NOT NULL,
    namespace TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (cluster, namespace, kind, name),
    FOREIGN KEY (cluster, namespace) REFERENCES namespace ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
";

/// API servers of cluster names: version 2 added it. A name without a row has a server of its own.
const CLUSTER_TABLE: &str = "CREATE TABLE cluster (name TEXT PRIMARY KEY, uid TEXT NOT NULL) STRICT, WITHOUT ROWID;";

/// Service accounts: version 3 added them. The number of an account is never used again.
const ACCOUNT_TABLES: &str = "
CREATE TABLE service_account (
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    display_name TEXT NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (project, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE service_account_member (
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    member TEXT NOT NULL,
    PRIMARY KEY (project, name, role, member),
    FOREIGN KEY (project, name) REFERENCES service_account ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
";

/// Kubernetes service accounts: version 4 added them.
const KUBERNETES_ACCOUNT_TABLE: &str = "
CREATE TABLE kubernetes_service_account (
    cluster TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    labels TEXT NOT NULL,
    annotations TEXT NOT NULL,
    PRIMARY KEY (cluster, namespace, name),
    FOREIGN KEY (cluster, namespace) REFERENCES namespace ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
";

/// Why an embedded store could not be opened. Each text contains the next step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The folder it should lie in is not there.
    #[error("the folder `{}` for the embedded store `{}` does not exist: create it, or choose another path", .parent.display(), .path.display())]
    NoParent {
        /// The store.
        path: PathBuf,
        /// The folder.
        parent: PathBuf,
    },
    /// It is a folder.
    #[error("`{}` is a folder, and the embedded store is a file: name a file in it, such as `{}`", .path.display(), .path.join("anu.db").display())]
    Directory {
        /// The path.
        path: PathBuf,
    },
    /// The file is no database.
    #[error("`{}` is not an embedded store: it is some other kind of file and was left untouched. Choose another path", .path.display())]
    NotADatabase {
        /// The path.
        path: PathBuf,
    },
    /// An SQLite database of another program.
    #[error("`{}` is the database of another program, not an embedded store, and was left untouched. Choose another path", .path.display())]
    NotAStore {
        /// The path.
        path: PathBuf,
    },
    /// Made by a later version of anu.
    #[error("the embedded store `{}` was made by a newer anu (store version {found}, this one knows up to {SCHEMA_VERSION}): upgrade anu, or choose another path", .path.display())]
    Newer {
        /// The path.
        path: PathBuf,
        /// Its version.
        found: i64,
    },
    /// The file, or its folder, may not be written.
    #[error("the embedded store `{}` cannot be written: make the file and its folder writable (two more files beside it, `-wal` and `-shm`, are needed while it is in use), or choose another path", .path.display())]
    NotWritable {
        /// The path.
        path: PathBuf,
    },
    /// It is not readable, or is on a file system without the locks that SQLite needs.
    #[error("the embedded store `{}` cannot be opened: check that it is a file you may read and write, on a local disk", .path.display())]
    CannotOpen {
        /// The path.
        path: PathBuf,
    },
    /// Another process kept it for itself for a minute.
    #[error("the embedded store `{}` was kept busy by another process for {} seconds: end that process, and try again", .path.display(), BUSY_LIMIT.as_secs())]
    Busy {
        /// The path.
        path: PathBuf,
    },
    /// The database is broken.
    #[error("the embedded store `{}` is damaged ({detail}): move it out of the way to begin with an empty one, or put back a copy", .path.display())]
    Damaged {
        /// The path.
        path: PathBuf,
        /// What about it.
        detail: String,
    },
    /// `ANU_EMBEDDED_FAULTS` is not valid.
    #[cfg(feature = "testing")]
    #[error(transparent)]
    Faults(#[from] FaultError),
}

/// Opens the store, making it where there is none. Waits up to [`BUSY_LIMIT`] for other processes.
#[allow(clippy::disallowed_methods, reason = "on a thread that may block, for BUSY_LIMIT at most")]
pub(super) fn open(path: &Path) -> Result<Connection, OpenError> {
    if path.is_dir() {
        return Err(OpenError::Directory { path: path.to_owned() });
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty())
        && !parent.is_dir()
    {
        return Err(OpenError::NoParent { path: path.to_owned(), parent: parent.to_owned() });
    }
    let begun = Instant::now();
    loop {
        match try_open(path) {
            // SQLite answers "busy" at once, whatever the timeout, when another process is just closing the file or
            // recovering it after a kill.
            Err(Trouble::Database(error)) if is_busy(&error) && begun.elapsed() < BUSY_LIMIT => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(Trouble::Database(error)) => {
                tracing::debug!(%error, path = %path.display(), "embedded store not opened");
                return Err(explain(path, &error));
            }
            Err(Trouble::Refused(error)) => return Err(error),
            Ok(connection) => return Ok(connection),
        }
    }
}

/// Finishes the deletions that a process which is no more has begun, as the namespace controller of a cluster does. What a
/// finalizer blocks stays.
pub(super) fn finish_deletions(connection: &mut Connection) -> rusqlite::Result<()> {
    const UNFINISHED: &str = "phase = 'Terminating' AND finalizers = '[]'";
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
    let any: bool =
        transaction
            .query_row(&format!("SELECT EXISTS (SELECT 1 FROM namespace WHERE {UNFINISHED})"), [], |row| row.get(0))?;
    if any {
        transaction.execute(&format!("DELETE FROM namespace WHERE {UNFINISHED}"), [])?;
    }
    transaction.commit()
}

enum Trouble {
    Database(rusqlite::Error),
    Refused(OpenError),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

/// Whether it is worth trying again a moment later.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn try_open(path: &Path) -> Result<Connection, Trouble> {
    // No SQLITE_OPEN_URI: a path that happens to begin with `file:` is a path.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_SLICE)?;
    // Checked before anything is written: a file that is not ours stays byte for byte what it was.
    // One transaction: another process may create the tables between two reads.
    let version = check(&*connection.unchecked_transaction()?, path)?;
    let fresh = version == 0;
    if connection.is_readonly("main")? {
        return Err(Trouble::Refused(OpenError::NotWritable { path: path.to_owned() }));
    }
    if fresh {
        // There is nothing yet that a power cut could destroy, and tests create thousands of stores.
        connection.pragma_update(None, "synchronous", "OFF")?;
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    if version < SCHEMA_VERSION {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have been faster.
        let version = check(&transaction, path)?;
        if version == 0 {
            transaction.execute_batch(TABLES)?;
        }
        if version < 2 {
            transaction.execute_batch(CLUSTER_TABLE)?;
        }
        if version < 3 {
            transaction.execute_batch(ACCOUNT_TABLES)?;
        }
        if version < SCHEMA_VERSION {
            transaction.execute_batch(KUBERNETES_ACCOUNT_TABLE)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
            transaction.commit()?;
        }
    }
    // In WAL mode NORMAL loses nothing when a process is killed at any moment: every commit is with the operating system
    // by then. Only a power cut could take the last commits back (never half of one), and then Terraform's own state
    // file, which is not synced either, is as old. FULL would cost an fsync per grant for that.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(connection)
}

/// The version of its tables, 0 for an empty file; an error when it is not ours.
fn check(connection: &Connection, path: &Path) -> Result<i64, Trouble> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let application = number("application_id")?;
    let version = number("user_version")?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application == 0 && version == 0 && tables == 0 {
        return Ok(0);
    }
    if application != APPLICATION_ID {
        return Err(Trouble::Refused(OpenError::NotAStore { path: path.to_owned() }));
    }
    if version > SCHEMA_VERSION {
        return Err(Trouble::Refused(OpenError::Newer { path: path.to_owned(), found: version }));
    }
    Ok(version)
}

fn explain(path: &Path, error: &rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::NotADatabase { path },
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => OpenError::NotWritable { path },
        // SQLite reports "cannot open" for a file that may not be read as well as for one that may not be made.
        Some(ErrorCode::CannotOpen) if !path.exists() => OpenError::NotWritable { path },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Busy { path },
        Some(ErrorCode::DatabaseCorrupt) => OpenError::Damaged { path, detail: "its pages do not fit together".into() },
        _ => OpenError::CannotOpen { path },
    }
}
