//! Reading: every text of an input is parsed once, held against the rules of texts, and decoded, all texts side by side.

use std::collections::BTreeMap;

use crate::check;
use crate::diag::Diagnostics;
use crate::input::{Further, Holds, Input};
use crate::known::Origins;
use crate::manifest::Document;
use crate::manifest::organization::{OrganizationFile, OrganizationTable};
use crate::parallel;
use crate::shape::{Parsed, canonical};
use crate::source::Spanned;
use crate::tree::Digest;

/// The sources of this program, as the build script has read them: another compiler may come to another tree.
const COMPILER: &str = env!("SOVEREIGN_COMPILER");

/// What an input says.
#[derive(Debug)]
pub struct Reading {
    /// The manifest, with the Organizations of further files.
    pub document: Document,
    /// The digest of what all texts say, whatever the order of their tables and keys, and whatever their comments.
    pub digest: Digest,
    /// Those of its parts.
    pub origins: Origins,
}

/// Takes an input, gives what it says; `None` only when nothing of the manifest could be read. Blueprints are decoded
/// later, by whoever knows the kit.
pub fn read(input: &Input, diags: &mut Diagnostics) -> Option<Reading> {
    let manifest = Parsed::of(input.manifest());
    let mut all = vec![("sovereign.toml", said(&manifest, diags))];
    let document = Document::decode(&manifest, diags);
    let (files, strict) = (input.further().collect::<Vec<_>>(), diags.apart());
    let read = parallel::map(&files, |file| one(file, strict.clone()));
    let (mut common, mut organizations, mut tables) = (all.clone(), BTreeMap::new(), Vec::new());
    for (file, One { said, organization, found }) in files.iter().zip(read) {
        diags.take_in(found);
        all.push((file.path, said));
        match organization.as_ref().map(|table| &table.value.slug) {
            Some(Some(slug)) => drop(organizations.insert(slug.value.to_string(), said)),
            Some(None) | None => common.push((file.path, said)),
        }
        tables.extend(organization);
    }
    let mut document = document?;
    document.add_organizations(tables);
    let context = common.into_iter().chain([("compiler", Digest::of(COMPILER.as_bytes()))]);
    let origins = Origins { context: Some(together(context)), organizations };
    Some(Reading { document, digest: together(all), origins })
}

/// The digest of named digests.
fn together<'a>(parts: impl IntoIterator<Item = (&'a str, Digest)>) -> Digest {
    let parts: Vec<_> = parts.into_iter().collect();
    Digest::of_parts(parts.iter().map(|(name, digest)| (*name, &digest.bytes()[..])))
}

/// The digest of what an input says; `None` if nothing of its manifest can be read.
pub fn digest(input: &Input) -> Option<Digest> {
    read(input, &mut Diagnostics::new()).map(|reading| reading.digest)
}

/// What one of the further files says.
struct One {
    said: Digest,
    organization: Option<Spanned<OrganizationTable>>,
    found: Diagnostics,
}

fn one(file: &Further<'_>, mut found: Diagnostics) -> One {
    let parsed = Parsed::of(file.source);
    let said = said(&parsed, &mut found);
    let organization = match file.holds {
        Holds::Blueprints => None,
        Holds::Organizations => {
            let decoded: Option<OrganizationFile> = parsed.decode(&mut found);
            decoded.and_then(|file| file.organization)
        }
    };
    if let Some(organization) = &organization {
        organization.value.check(&mut found);
    }
    One { said, organization, found }
}

/// Holds a text against the rules of texts, and gives the digest of what it says: of the text itself, where that is no TOML.
fn said(parsed: &Parsed<'_>, diags: &mut Diagnostics) -> Digest {
    let tree = parsed.tree();
    check::text(parsed.source(), tree.as_ref(), diags);
    match tree {
        Some(tree) => Digest::of(canonical(tree).as_bytes()),
        None => Digest::of(parsed.source().text().as_bytes()),
    }
}
