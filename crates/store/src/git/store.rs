//! Storing new objects: a few as files of their own, many as one pack.

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use git2::Oid;

use super::shared::Sharing;
use super::writer::Objects;
use super::{GitError, Repository, failed, pack};

/// How many objects are worth a pack: as many as make Git keep a pack that it fetches (`transfer.unpackLimit`). `git gc` sets in
/// at 6,700 loose objects or 50 packs, so smaller packs would bring it about sooner than what is in them.
const PACK_FROM: usize = 100;

impl Repository {
    /// Stores objects that the repository does not have. Nobody sees any of a pack before all of it is there.
    pub(super) fn store(&self, new: &Objects<'_>) -> Result<(), GitError> {
        if new.len() < PACK_FROM {
            return self.store_loose(new);
        }
        let written = pack::write(&self.objects(), new, Sharing::new(self.inner()));
        written.map_err(|error| unwritten("pack", &error))
    }

    fn store_loose(&self, new: &Objects<'_>) -> Result<(), GitError> {
        let odb = self.inner().odb().map_err(failed("write the tree"))?;
        let sharing = Sharing::new(self.inner());
        for (id, object) in new {
            odb.write(object.kind, &object.content).map_err(failed("write the tree"))?;
            self.share(*id, sharing)?;
        }
        Ok(())
    }

    /// Lets those use a loose object who share the repository.
    pub(super) fn share(&self, id: Oid, sharing: Sharing) -> Result<(), GitError> {
        let id = id.to_string();
        let (bucket, name) = id.split_at(2);
        let bucket = self.objects().join(bucket);
        for path in [bucket.join(name), bucket] {
            match sharing.apply(&path) {
                // Somebody has packed it already.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                outcome => outcome.map_err(|error| unwritten("object", &error))?,
            }
        }
        Ok(())
    }

    fn objects(&self) -> PathBuf {
        self.inner().commondir().join("objects")
    }
}

fn unwritten(what: &str, error: &io::Error) -> GitError {
    GitError::Failed { action: format!("write the {what}"), reason: error.to_string() }
}
