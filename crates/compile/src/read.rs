//! Reading: every text of an input is parsed once, held against the rules of texts, and decoded, all texts side by side.

use crate::build_cache::{OrganizationFile, ValidCache};
use crate::check;
use crate::plan::TenantSummary;
use sovereign_language::input::{Further, Holds, Input};
use sovereign_language::manifest::{self, Document, OrganizationTable};
use sovereign_language::schema::{Parsed, canonical};
use sovereign_text::diag::Diagnostics;
use sovereign_text::digest::Digest;
use sovereign_text::parallel;
use sovereign_text::source::{SourceId, Spanned};

/// The sources of this program, as the build script has read them: another compiler may come to another tree.
const COMPILER: &str = env!("SOVEREIGN_COMPILER");

/// To decode an Organization takes as long as to write so many of its files.
const ORGANIZATION: usize = 8;

/// What an input says.
#[derive(Debug)]
pub struct Reading<'m> {
    /// The manifest, with the Organizations of further files that are not settled.
    pub document: Document,
    /// The settled ones.
    pub settled: Vec<TenantSummary>,
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
pub fn read<'m>(
    input: &Input,
    known: Option<&ValidCache<'m>>,
    diags: &mut Diagnostics,
) -> Option<Reading<'m>> {
    let manifest = Parsed::new(input.manifest());
    let mut all = vec![("sovereign.toml", said(&manifest, diags))];
    let document = Document::decode(&manifest, diags);
    if let Some(document) = &document {
        check::accept_unused::accept(document, &manifest, input, diags);
    }
    let (organizations, others): (Vec<_>, Vec<_>) =
        input.further().partition(|file| file.holds == Holds::Organizations);
    for file in others {
        all.push((file.path, said(&Parsed::new(file.source), diags)));
    }
    let compiler = ("compiler", Digest::hash(COMPILER.as_bytes()));
    let context = together(all.iter().copied().chain([compiler]));
    let strict = diags.apart();
    let work = |file: &Further<'_>| one(file, context, known, strict.clone());
    let read = parallel::map_heavy(ORGANIZATION, &organizations, work);
    let (mut settled, mut tables, mut files) = (Vec::new(), Vec::new(), Vec::new());
    for (file, One { source, content, found }) in organizations.iter().zip(read) {
        diags.take_in(found);
        all.push((file.path, source.said));
        match content {
            Content::Settled(summary) => settled.push(*summary),
            Content::Table(table) => tables.extend(table.map(|table| *table)),
        }
        files.push(source);
    }
    let mut document = document?;
    document.add_organizations(tables);
    Some(Reading { document, settled, digest: together(all), context, files })
}

/// Returns the digest of named digests.
fn together<'a>(parts: impl IntoIterator<Item = (&'a str, Digest)>) -> Digest {
    let parts: Vec<_> = parts.into_iter().collect();
    Digest::of_parts(parts.iter().map(|(name, digest)| (*name, &digest.bytes()[..])))
}

/// Returns the digest of what an input says; `None` if nothing of its manifest can be read.
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
    Settled(Box<TenantSummary>),
    Table(Option<Box<Spanned<OrganizationTable>>>),
}

fn one<'m>(
    file: &Further<'_>,
    context: Digest,
    known: Option<&ValidCache<'m>>,
    mut found: Diagnostics,
) -> One<'m> {
    let (path, id) = (file.path.to_owned(), file.source.id());
    let text = Digest::hash(file.source.text().as_bytes());
    let remembered = known.and_then(|known| known.settled(context, file.path, text));
    let summary =
        remembered.and_then(|remembered| Some((remembered, TenantSummary::recalled(&remembered.facts, id)?)));
    if let Some((remembered, summary)) = summary {
        let said = remembered.said;
        let source = OrganizationSource { path, source: id, text, said, settled: Some(remembered) };
        return One { source, content: Content::Settled(Box::new(summary)), found };
    }
    let parsed = Parsed::new(file.source);
    let said = said(&parsed, &mut found);
    let decoded: Option<manifest::OrganizationFile> = parsed.decode(&mut found);
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
        Some(tree) => Digest::hash(canonical(tree).as_bytes()),
        None => Digest::hash(parsed.source().text().as_bytes()),
    }
}
