//! A publisher with a key of minisign: signs as `minisign -S` does. `src/discovery/signature/tests.rs` checks a signature of the
//! reference implementation.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use blake2::{Blake2b512, Digest};

/// A pair of keys. Equal seeds are equal pairs.
pub struct Signer {
    seed: u8,
    pair: Ed25519KeyPair,
}

impl Signer {
    pub fn new(seed: u8) -> Self {
        Self { seed, pair: Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a seed") }
    }

    /// The second line of `minisign.pub`.
    pub fn public_key(&self) -> String {
        STANDARD.encode([b"Ed".as_slice(), &[self.seed; 8], self.pair.public_key().as_ref()].concat())
    }

    /// The text of `SOURCE.minisig`.
    pub fn sign(&self, document: impl AsRef<[u8]>, trusted_comment: &str) -> String {
        let hash = Blake2b512::digest(document.as_ref());
        let signature = self.pair.sign(&hash);
        let both = self.pair.sign(&[signature.as_ref(), trusted_comment.as_bytes()].concat());
        format!(
            "untrusted comment: signature from minisign secret key\n{}\ntrusted comment: {trusted_comment}\n{}\n",
            STANDARD.encode([b"ED".as_slice(), &[self.seed; 8], signature.as_ref()].concat()),
            STANDARD.encode(both.as_ref()),
        )
    }
}
