//! The state on disk, so that a simulator can be restarted.

use std::io::{Error, ErrorKind, Result};
use std::path::Path;

use jiff::Timestamp;

use crate::options::Options;
use crate::state::{BillingAccount, Folder, Lifecycle, State};

/// The state at the start: that of the file if there is one, with what the options add.
pub(crate) fn load(options: &Options) -> Result<State> {
    let mut state = match options.state.as_deref().map(std::fs::read) {
        Some(Ok(bytes)) => serde_json::from_slice(&bytes).map_err(|error| Error::new(ErrorKind::InvalidData, error))?,
        Some(Err(error)) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => State::default(),
    };
    state.read_delay = options.read_delay;
    state.organization.clone_from(&options.organization);
    for name in &options.folders {
        add_folder(&mut state, name, &options.organization);
    }
    for name in &options.billing_accounts {
        add_billing_account(&mut state, name);
    }
    Ok(state)
}

/// Writes the state, as a whole or not at all.
pub(crate) fn save(path: &Path, state: &State) -> Result<()> {
    let unfinished = path.with_extension("unfinished");
    std::fs::write(&unfinished, serde_json::to_vec_pretty(state)?)?;
    std::fs::rename(&unfinished, path)
}

/// Adds an active folder, unless it is there.
pub(crate) fn add_folder(state: &mut State, name: &str, parent: &str) {
    let now: Timestamp = state.now();
    let etag = state.next_etag();
    let number = name.trim_start_matches("folders/");
    state.folders.entry(name.to_owned()).or_insert_with(|| Folder {
        name: name.to_owned(),
        parent: parent.to_owned(),
        display_name: format!("Folder {number}"),
        state: Lifecycle::Active,
        create_time: now,
        update_time: now,
        etag,
    });
}

/// Adds an open billing account, unless it is there. `name` may be without `billingAccounts/`.
pub(crate) fn add_billing_account(state: &mut State, name: &str) {
    let name = format!("billingAccounts/{}", name.trim_start_matches("billingAccounts/"));
    let display_name = format!("Account {}", name.trim_start_matches("billingAccounts/"));
    state.billing_accounts.entry(name).or_insert(BillingAccount { display_name, open: true, project_cap: None });
}
