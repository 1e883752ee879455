//! What a user reads of the guard against mass removal.

use crate::codes;
use std::collections::BTreeSet;

use crate::fanout::impact::guard::{Excess, Guarded, words};
use crate::provider::identity::Identity;
use crate::provider::session::LoadedRegistry;
use crate::sdk::{Cause, Diagnostic, Path};

/// How many resources the full text lists.
pub const MOST_LISTED: usize = 50;

/// One resource that is refused.
pub struct Refusal<'r> {
    /// The resource.
    pub identity: &'r Identity,
    /// What is beyond which limit.
    pub excess: &'r Excess,
    /// Its own part, one a line.
    pub own: &'r str,
    /// The first parts so far, by resource: at most [`MOST_LISTED`].
    pub so_far: Vec<(&'r Identity, &'r str)>,
    /// How many further ones there are.
    pub more: usize,
    /// The registry, if it is readable.
    pub loaded: Option<&'r LoadedRegistry>,
    /// What the digest acknowledges.
    pub together: BTreeSet<Guarded>,
    /// The digest.
    pub acknowledge: Option<&'r str>,
}

/// The refusal. The first of a run is printed in full, later ones with their own part.
pub fn refused(refusal: &Refusal<'_>) -> Diagnostic {
    let Refusal { identity, excess, own, .. } = refusal;
    let (code, phrase, does, setting) = match excess.guarded {
        Guarded::Removals => {
            (codes::MASS_REMOVAL_REFUSED, "mass removal refused", "remove these resources", "max_removals")
        }
        Guarded::Revocations => (
            codes::MASS_REVOCATION_REFUSED,
            "mass revocation refused",
            "withdraw access from these principals",
            "max_revocations",
        ),
        Guarded::Adoptions => {
            (codes::MASS_ADOPTION_REFUSED, "mass adoption refused", "adopt these resources", "max_removals")
        }
    };
    let own = format!("Apply would {does} of {identity}:\n{own}");
    let sum = match refusal.loaded {
        Some(_) => format!("In the plan so far, {excess} (`guard.{setting}`)"),
        None => format!(
            "The registry is not readable, so a share is one of what this run removes. So far that is {}, and the limit is {} \
             (`guard.{setting}`)",
            excess.number, excess.limit
        ),
    };
    let detail = format!(
        "{sum}:\n{}\n\n{own}\n\nNothing was changed. Each further resource of this run with a part in this has an error of its own.\n\n{}\n\n\
         {}",
        listed(refusal),
        likely(excess.guarded, refusal.loaded),
        way_out(refusal)
    );
    let cause = Cause::new(format!("guard: {setting} {phrase}"), own);
    Diagnostic::titled(code, format!("{}: {phrase}", identity.title()), detail).caused_by(cause)
}

fn listed(refusal: &Refusal<'_>) -> String {
    let so_far = refusal.so_far.iter();
    let mut text: String = so_far.map(|(identity, words)| format!("\n  {identity}: {words}")).collect();
    if refusal.more > 0 {
        text.push_str(&format!("\n  and {} more", refusal.more));
    }
    text
}

/// The mistakes that look like this.
fn likely(guarded: Guarded, loaded: Option<&LoadedRegistry>) -> String {
    let mistakes = match guarded {
        Guarded::Revocations => {
            "This is often a mistake: access lists or a row of the permissions table that a generator has emptied, a team with another \
             address, or a registry of another branch."
        }
        Guarded::Removals => {
            "This is often a mistake: a registry of another branch, one that is cut off or generated wrongly, a `for_each` that has lost \
             its entries, or a destroy in another workspace than the one that was meant."
        }
        Guarded::Adoptions => {
            "They have the label of this registry, and no state of this run contains them. Either the state is lost: this is another \
             backend, workspace or state file than the one of the last apply. Or an older state was restored. Or \
             services have other names without `moved` blocks. Restore the newest state and plan again; if there is none, import the \
             services, or acknowledge their adoption."
        }
    };
    let Some(loaded) = loaded else { return mistakes.to_owned() };
    let metadata = &loaded.fan_out.registry().metadata;
    let mut registry = format!("The registry is `{}`", loaded.source);
    if let Some(revision) = &metadata.revision {
        registry.push_str(&format!(", revision `{revision}`"));
    }
    if let Some(compiled_at) = metadata.compiled_at {
        registry.push_str(&format!(", compiled at `{compiled_at}`"));
    }
    format!("{mistakes} {registry}.")
}

fn way_out(refusal: &Refusal<'_>) -> String {
    match refusal.acknowledge {
        Some(digest) => format!(
            "If all of it is intended, write in the provider block\n\n  guard {{\n    acknowledge = \"{digest}\"\n  }}\n\nThis acknowledges \
             {} of this revision of the registry, and has no effect after its next change. Remove it when the apply is done.",
            words(&refusal.together)
        ),
        None => "Nothing can be acknowledged without the registry, and an apply needs it too. Make it readable and plan again.".to_owned(),
    }
}

/// An acknowledgement that has no effect.
pub fn spent(loaded: &LoadedRegistry, text: &str) -> Diagnostic {
    Diagnostic::titled(
        codes::ACKNOWLEDGEMENT_WITHOUT_EFFECT,
        format!("The acknowledgement of the guard has no effect on registry `{}`", loaded.source),
        format!(
            "`{text}` is not a digest that acknowledges anything in the registry `{}` as it is now: the registry, or what shapes its \
             resources in the provider block, has changed since. If the guard refuses this run, its error has the present digest. \
             Otherwise remove `acknowledge`.",
            loaded.source
        ),
    )
    .at(Path::attribute("guard").then("acknowledge"))
}
