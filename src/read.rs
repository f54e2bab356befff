//! Reading: every text of an input is parsed once, held against the rules of texts, and decoded, all texts side by side.

use crate::check;
use crate::diag::Diagnostics;
use crate::input::{Holds, Input};
use crate::manifest::Document;
use crate::manifest::organization::{OrganizationFile, OrganizationTable};
use crate::parallel;
use crate::shape::{Parsed, canonical};
use crate::source::{Source, Spanned};
use crate::tree::Digest;

/// What an input says.
#[derive(Debug)]
pub struct Reading {
    /// The manifest, with the Organizations of further files.
    pub document: Document,
    /// The digest of what all texts say, whatever the order of their tables and keys, and whatever their comments.
    pub digest: Digest,
}

/// Takes an input, gives what it says; `None` only when nothing of the manifest could be read. Blueprints are decoded
/// later, by whoever knows the kit.
pub fn read(input: &Input, diags: &mut Diagnostics) -> Option<Reading> {
    let manifest = Parsed::of(input.manifest());
    let mut said = vec![("sovereign.toml", said(&manifest, diags))];
    let document = Document::decode(&manifest, diags);
    let (files, strict) = (input.further().collect::<Vec<_>>(), diags.apart());
    let mut organizations = Vec::new();
    for (file, read) in
        files.iter().zip(parallel::map(&files, |file| one(file.holds, file.source, strict.clone())))
    {
        said.push((file.path, read.said));
        diags.take_in(read.found);
        organizations.extend(read.organization);
    }
    let mut document = document?;
    document.add_organizations(organizations);
    let digest = Digest::of_parts(said.iter().map(|(path, said)| (*path, &said.bytes()[..])));
    Some(Reading { document, digest })
}

/// The digest of what an input says; `None` if nothing of its manifest can be read.
pub fn digest(input: &Input) -> Option<Digest> {
    read(input, &mut Diagnostics::new()).map(|reading| reading.digest)
}

/// What one of the further files says.
struct File {
    said: Digest,
    organization: Option<Spanned<OrganizationTable>>,
    found: Diagnostics,
}

fn one(holds: Holds, source: &Source, mut found: Diagnostics) -> File {
    let parsed = Parsed::of(source);
    let said = said(&parsed, &mut found);
    let organization = match holds {
        Holds::Blueprints => None,
        Holds::Organizations => {
            let file: Option<OrganizationFile> = parsed.decode(&mut found);
            let organization = file.and_then(|file| file.organization);
            if let Some(organization) = &organization {
                organization.value.check(&mut found);
            }
            organization
        }
    };
    File { said, organization, found }
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
