//! The key that signs: a secret key of minisign, encrypted or not.

use crate::codes;
use std::io::IsTerminal as _;
use std::path::Path;

use minisign::{PublicKey, SecretKey, SecretKeyBox, sign};

use super::document::Publication;
use crate::cli::common::{Error, io};
use crate::discovery::MinisignKey;
use crate::printable::escape;

/// Not an option: every user of the machine can read a command line.
const PASSWORD: &str = "ANU_MINISIGN_PASSWORD";
/// As minisign writes it.
const UNTRUSTED: &str = "signature from minisign secret key";

/// A key that signs.
pub(super) struct SigningKey {
    secret: SecretKey,
    public: PublicKey,
}

impl SigningKey {
    /// Reads the file of a secret key. None of its text is in an error.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let shown = escape(&path.to_string_lossy()).into_owned();
        let text = std::fs::read_to_string(path).map_err(io("read", path))?;
        let boxed = || SecretKeyBox::from_string(&text);
        let unreadable = || {
            Error::failed(codes::SIGNING_FAILED, format!("`{shown}` is not a secret key of minisign"))
                .because("A secret key is the file that `minisign -G` writes: a comment, and a line in base64.")
        };
        let secret = match boxed().and_then(SecretKeyBox::into_unencrypted_secret_key) {
            Ok(secret) => secret,
            // The next attempt says whether it is a key at all.
            Err(_) => {
                let password = std::env::var(PASSWORD).ok().filter(|password| !password.is_empty());
                if password.is_none() && !std::io::stdin().is_terminal() {
                    if !text.lines().nth(1).is_some_and(|line| line.starts_with("RW")) {
                        return Err(unreadable());
                    }
                    return Err(Error::failed(codes::SIGNING_FAILED, format!("The key in `{shown}` needs a password"))
                        .because("It is encrypted, and there is no terminal to ask for its password.")
                        .hint(format!(
                            "set the variable {PASSWORD}, or use a key without a password (`minisign -GW`)"
                        )));
                }
                boxed().and_then(|boxed| boxed.into_secret_key(password)).map_err(|error| {
                    if error.to_string().contains("Wrong password") {
                        Error::failed(codes::SIGNING_FAILED, format!("Wrong password for the key in `{shown}`"))
                            .because(format!("The password is the value of the variable {PASSWORD}."))
                    } else {
                        unreadable()
                    }
                })?
            }
        };
        let public = PublicKey::from_secret_key(&secret).map_err(|_| unreadable())?;
        Ok(Self { secret, public })
    }

    /// The public key, as readers accept it.
    pub(super) fn public(&self) -> Option<MinisignKey> {
        self.public.to_base64().parse().ok()
    }

    /// The text of the signature of a document.
    pub(super) fn sign(&self, publication: &Publication, comments: &[String]) -> Result<String, Error> {
        let comment = publication.trusted_comment(comments);
        let signed =
            sign(Some(&self.public), &self.secret, publication.json.as_slice(), Some(&comment), Some(UNTRUSTED));
        let signed = signed
            .map_err(|error| Error::failed(codes::SIGNING_FAILED, format!("Cannot sign the registry: {error}")))?;
        Ok(signed.into_string())
    }
}
