//! What settings are called where users write them.

/// The names of settings in errors. By default, those of the provider block's attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettingNames {
    /// [`super::RegistryConfig::source`]
    pub source: &'static str,
    /// [`super::RegistryConfig::sha256`]
    pub sha256: &'static str,
    /// [`super::Verify::minisign`]
    pub minisign: &'static str,
    /// [`super::Verify::trusted_comment`]
    pub trusted_comment: &'static str,
    /// [`super::RegistryConfig::max_age`]
    pub max_age: &'static str,
    /// How old a last good copy may be.
    pub max_stale: &'static str,
    /// [`super::RegistryConfig::token`]
    pub token: &'static str,
    /// [`super::RegistryConfig::ca_certificate`]
    pub ca_certificate: &'static str,
}

impl Default for SettingNames {
    fn default() -> Self {
        Self {
            source: "`source`",
            sha256: "`sha256`",
            minisign: "`verify.minisign`",
            trusted_comment: "`verify.trusted_comment`",
            max_age: "`max_age`",
            max_stale: "`max_stale`",
            token: "`token`",
            ca_certificate: "`ca_certificate`",
        }
    }
}
