//! What an earlier compilation found out about Organizations, for one that need not do it again.
//!
//! What becomes of an Organization follows from what its own file says and from the [context](crate::read::Reading::context):
//! what everything else says, and who compiles. Both are digests, so this can be kept and compared. A law in
//! `tests/it/tenants.rs` holds the compiler to it: with and without what is known, the tree is the same to the byte.

use std::collections::BTreeMap;

use crate::tree::{Digest, TreePath};

/// The digests that decide what becomes of each Organization with a file of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    /// That of what all Organizations have in common.
    pub context: Option<Digest>,
    /// By slug, that of what its file says.
    pub organizations: BTreeMap<String, Digest>,
}

/// What is known.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Of which input.
    pub origins: Origins,
    /// By slug, the files of an Organization, each with the digest of its text.
    pub files: BTreeMap<String, Vec<(TreePath, Digest)>>,
}

impl Known {
    /// The files of an Organization, if they are known for what its file says now. They can be had once.
    pub fn take(&mut self, origins: &Origins, slug: &str) -> Option<Vec<(TreePath, Digest)>> {
        let same_context = origins.context.is_some() && origins.context == self.origins.context;
        let said = origins.organizations.get(slug).filter(|_| same_context)?;
        (self.origins.organizations.get(slug) == Some(said)).then(|| self.files.remove(slug)).flatten()
    }
}
