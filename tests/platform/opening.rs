//! What a user reads when the store cannot be opened.

use std::path::Path;

use anu::platform::embedded::{Embedded, Store};

/// The message, with the test's own folder written as `DIR`.
fn refusal(folder: &Path, file: &str) -> String {
    let error = Store::open(&folder.join(file)).expect_err("refused");
    error.to_string().replace(&folder.display().to_string(), "DIR")
}

#[test]
fn every_refusal_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    insta::assert_snapshot!(refusal(folder, "no/where/anu.db"), @"the folder `DIR/no/where` for the embedded store `DIR/no/where/anu.db` does not exist: create it, or choose another path");
    insta::assert_snapshot!(refusal(folder, ""), @"`DIR/` is a folder, and the embedded store is a file: name a file in it, such as `DIR/anu.db`");

    let text = "{\"services\": []}".repeat(100);
    std::fs::write(folder.join("registry.json"), &text).expect("written");
    insta::assert_snapshot!(refusal(folder, "registry.json"), @"`DIR/registry.json` is not an embedded store: it is some other kind of file and was left untouched. Choose another path");
    assert_eq!(std::fs::read_to_string(folder.join("registry.json")).expect("read"), text, "left untouched");

    let other = rusqlite::Connection::open(folder.join("other.db")).expect("opens");
    other.execute_batch("CREATE TABLE song (title TEXT)").expect("made");
    drop(other);
    let before = std::fs::read(folder.join("other.db")).expect("read");
    insta::assert_snapshot!(refusal(folder, "other.db"), @"`DIR/other.db` is the database of another program, not an embedded store, and was left untouched. Choose another path");
    assert_eq!(std::fs::read(folder.join("other.db")).expect("read"), before, "left untouched");

    drop(Store::open(&folder.join("newer.db")).expect("opens"));
    let newer = rusqlite::Connection::open(folder.join("newer.db")).expect("opens");
    newer.pragma_update(None, "user_version", 9).expect("set");
    drop(newer);
    insta::assert_snapshot!(refusal(folder, "newer.db"), @"the embedded store `DIR/newer.db` was made by a newer anu (store version 9, this one knows up to 4): upgrade anu, or choose another path");
}

/// Root may write any file, so this is checked for other users only.
#[cfg(unix)]
#[test]
fn what_cannot_be_written_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let set = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("permissions");
    };
    let file = folder.path().join("anu.db");
    drop(Store::open(&file).expect("opens"));
    set(&file, 0o400);
    if std::fs::OpenOptions::new().append(true).open(&file).is_ok() {
        eprintln!("skipped: this user may write read-only files (root); run the tests as another user to see it");
        return;
    }
    insta::assert_snapshot!(refusal(folder.path(), "anu.db"), @"the embedded store `DIR/anu.db` cannot be written: make the file and its folder writable (two more files beside it, `-wal` and `-shm`, are needed while it is in use), or choose another path");
    set(folder.path(), 0o500);
    let refused = refusal(folder.path(), "new.db");
    set(folder.path(), 0o700);
    insta::assert_snapshot!(refused, @"the embedded store `DIR/new.db` cannot be written: make the file and its folder writable (two more files beside it, `-wal` and `-shm`, are needed while it is in use), or choose another path");
}

#[tokio::test]
async fn an_empty_file_becomes_a_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("anu.db");
    std::fs::write(&file, "").expect("written");
    let platform = Embedded::open(&file).await.expect("opens");
    assert_eq!(platform.store().dump(), Ok(anu::platform::embedded::Dump::default()));
}
