//! Reading: every text of an input is parsed once, held against the rules of texts, and decoded, all texts side by side.

use crate::build_cache::{Known, OrganizationFile};
use crate::check;
use crate::plan::Resident;
use sovereign_language::input::{Further, Holds, Input};
use sovereign_language::manifest::organization::OrganizationTable;
use sovereign_language::manifest::{self, Document};
use sovereign_language::shape::{Parsed, canonical};
use sovereign_text::diag::Diagnostics;
use sovereign_text::digest::Digest;
use sovereign_text::parallel;
use sovereign_text::source::{SourceId, Spanned};

/// The sources of this program, as the build script has read them: another compiler may come to another tree.
const COMPILER: &str = env!("SOVEREIGN_COMPILER");

/// What an input says.
#[derive(Debug)]
pub struct Reading<'m> {
    /// The manifest, with the Organizations of further files that are not settled.
    pub document: Document,
    /// The settled ones.
    pub settled: Vec<Resident>,
    /// The digest of what all texts say, whatever the order of their tables and keys, and whatever their comments.
    pub digest: Digest,
    /// That of what all Organizations with files of their own have in common: of all other texts, and of this program.
    pub context: Digest,
    /// The files of Organizations, by their paths from the manifest.
    pub files: Vec<OrganizationSource<'m>>,
}

/// The file of an Organization.
#[derive(Debug)]
pub struct OrganizationSource<'m> {
    /// Its path from the manifest.
    pub path: String,
    /// Its source.
    pub source: SourceId,
    /// The digest of its text.
    pub text: Digest,
    /// The digest of what that says.
    pub said: Digest,
    /// What is remembered of it, if the Organization is settled.
    pub settled: Option<&'m OrganizationFile<'m>>,
}

/// Takes an input, and what is known of its tree, gives what the input says; `None` only when nothing of the manifest could
/// be read. Blueprints are decoded later, by whoever knows the kit.
pub fn read<'m>(input: &Input, known: Option<&Known<'m>>, diags: &mut Diagnostics) -> Option<Reading<'m>> {
    let manifest = Parsed::of(input.manifest());
    let mut all = vec![("sovereign.toml", said(&manifest, diags))];
    let document = Document::decode(&manifest, diags);
    let (organizations, others): (Vec<_>, Vec<_>) =
        input.further().partition(|file| file.holds == Holds::Organizations);
    for file in others {
        all.push((file.path, said(&Parsed::of(file.source), diags)));
    }
    let compiler = ("compiler", Digest::of(COMPILER.as_bytes()));
    let context = together(all.iter().copied().chain([compiler]));
    let strict = diags.apart();
    let read = parallel::map(&organizations, |file| one(file, context, known, strict.clone()));
    let (mut settled, mut tables, mut files) = (Vec::new(), Vec::new(), Vec::new());
    for (file, One { source, content, found }) in organizations.iter().zip(read) {
        diags.take_in(found);
        all.push((file.path, source.said));
        match content {
            Content::Settled(resident) => settled.push(*resident),
            Content::Table(table) => tables.extend(table.map(|table| *table)),
        }
        files.push(source);
    }
    let mut document = document?;
    document.add_organizations(tables);
    Some(Reading { document, settled, digest: together(all), context, files })
}

/// The digest of named digests.
fn together<'a>(parts: impl IntoIterator<Item = (&'a str, Digest)>) -> Digest {
    let parts: Vec<_> = parts.into_iter().collect();
    Digest::of_parts(parts.iter().map(|(name, digest)| (*name, &digest.bytes()[..])))
}

/// The digest of what an input says; `None` if nothing of its manifest can be read.
pub fn digest(input: &Input) -> Option<Digest> {
    read(input, None, &mut Diagnostics::new()).map(|reading| reading.digest)
}

/// What the file of an Organization says.
struct One<'m> {
    source: OrganizationSource<'m>,
    content: Content,
    found: Diagnostics,
}

enum Content {
    Settled(Box<Resident>),
    Table(Option<Box<Spanned<OrganizationTable>>>),
}

fn one<'m>(
    file: &Further<'_>,
    context: Digest,
    known: Option<&Known<'m>>,
    mut found: Diagnostics,
) -> One<'m> {
    let (path, id) = (file.path.to_owned(), file.source.id());
    let text = Digest::of(file.source.text().as_bytes());
    let remembered = known.and_then(|known| known.settled(context, file.path, text));
    let resident =
        remembered.and_then(|remembered| Some((remembered, Resident::recalled(&remembered.facts, id)?)));
    if let Some((remembered, resident)) = resident {
        let said = remembered.said;
        let source = OrganizationSource { path, source: id, text, said, settled: Some(remembered) };
        return One { source, content: Content::Settled(Box::new(resident)), found };
    }
    let parsed = Parsed::of(file.source);
    let said = said(&parsed, &mut found);
    let decoded: Option<manifest::organization::OrganizationFile> = parsed.decode(&mut found);
    let organization = decoded.and_then(|file| file.organization);
    if let Some(organization) = &organization {
        organization.value.check(&mut found);
    }
    let source = OrganizationSource { path, source: id, text, said, settled: None };
    One { source, content: Content::Table(organization.map(Box::new)), found }
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
