//! Settings that nobody reads: no expression or condition of a blueprint, no variable of a module, and no object.

use crate::lower::{Lowered, Placed};
use crate::plan::reads::Reads;
use crate::plan::registry::SCANNER;
use crate::plan::{Plan, Region};
use crate::provision::{self, RegionCtx};
use sovereign_language::cloud::Provider;
use sovereign_language::scalar::choice::Choice as _;
use sovereign_language::schema::{Entry, Shape};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::{Span, Spanned};

/// What takes settings, the cheapest first: who reads what others have read already is not asked.
const READERS: [fn(&Plan<'_>, &Lowered, &mut Reads); 3] = [blueprints, modules, objects];

/// Keys of one table, with whoever is there to read them.
struct Settings {
    /// The path of the table; empty for the keys of a region.
    table: &'static str,
    keys: Vec<Entry>,
    /// Who could read them.
    reader: &'static str,
    /// Where that would be, if not everywhere.
    place: &'static str,
}

/// A setting that nobody reads: its path below the table, and where it stands.
struct Unread {
    path: String,
    span: Span,
}

/// Warns of settings that nobody reads.
pub(crate) fn check(plan: &Plan<'_>, lowered: &Lowered, diags: &mut Diagnostics) {
    // Of a Sovereign that goes, no setting has an effect; and what a mistake keeps out of the plan may be what reads one.
    if plan.is_retired() || diags.has_mistakes() {
        return;
    }
    let settings = settings(plan);
    let mut reads = Reads::default();
    for read in READERS {
        if settings.iter().all(|settings| settings.unread(&reads).is_empty()) {
            return;
        }
        read(plan, lowered, &mut reads);
    }
    for settings in &settings {
        let Settings { reader, place, .. } = settings;
        for Unread { path, span } in settings.unread(&reads) {
            let message =
                format!("`{path}` changes nothing: no {reader} of kit {} reads it{place}", plan.kit.name);
            diags.push(Diagnostic::new(Code::SettingWithoutEffect, span, message));
        }
    }
}

/// Returns the tables that are there for blueprints and modules. All other keys speak to the compiler.
fn settings(plan: &Plan<'_>) -> Vec<Settings> {
    let written = plan.written;
    let of_blueprints = |table, keys| Settings { table, keys, reader: "blueprint", place: "" };
    let scanner = keys(written.registry.as_ref()).filter(|key| key.key == SCANNER);
    let mut list = vec![
        of_blueprints("identity", keys(written.identity.as_ref()).collect()),
        of_blueprints("tls", keys(written.tls.as_ref()).collect()),
        of_blueprints("storage", keys(written.storage.as_ref()).collect()),
        of_blueprints("registry", scanner.collect()),
        Settings {
            table: "provisioning",
            keys: keys(written.provisioning.as_ref()).collect(),
            reader: "module",
            place: " in these regions",
        },
    ];
    list.extend(plan.regions.iter().map(|region| Settings {
        table: "",
        keys: of_clouds(region).collect(),
        reader: "module",
        place: " in this region",
    }));
    list
}

fn keys<T: Shape>(table: Option<&Spanned<T>>) -> impl Iterator<Item = Entry> + use<T> {
    table.and_then(|table| table.value.entries()).into_iter().flatten()
}

/// Returns what a region tells the module of a cloud: the tables that bear the cloud's name.
pub(super) fn of_clouds(region: &Region<'_>) -> impl Iterator<Item = Entry> + use<> {
    let keys = region.written.entries().into_iter().flatten();
    keys.filter(|key| Provider::from_word(key.key).is_some())
}

impl Settings {
    fn unread(&self, reads: &Reads) -> Vec<Unread> {
        let mut unread = Vec::new();
        for key in &self.keys {
            collect(key, self.table, reads, &mut unread);
        }
        unread
    }
}

/// What is not read of a key: the key, or what is not read below it. What must be written is no choice that could be without
/// an effect.
fn collect(key: &Entry, above: &str, reads: &Reads, unread: &mut Vec<Unread>) {
    let dot = if above.is_empty() { "" } else { "." };
    let path = format!("{above}{dot}{}", key.key);
    if reads.reach(key) {
        key.below().for_each(|below| collect(below, &path, reads, unread));
    } else if !key.is_required {
        unread.push(Unread { path, span: key.span });
    }
}

fn blueprints(plan: &Plan<'_>, _: &Lowered, reads: &mut Reads) {
    reads.add_blueprints(plan);
}

fn modules(plan: &Plan<'_>, _: &Lowered, reads: &mut Reads) {
    for region in &plan.regions {
        let module = provision::module(plan, region);
        let values = module.iter().flat_map(|module| provision::values(*module, RegionCtx { plan, region }));
        values.for_each(|value| reads.add(&value));
        for node in provision::state::backend(plan, region).unwrap_or_default().values() {
            reads.add(node);
        }
    }
}

fn objects(_: &Plan<'_>, lowered: &Lowered, reads: &mut Reads) {
    let clusters = lowered.clusters.iter().flat_map(|cluster| &cluster.objects);
    let add = |placed: &Placed| reads.add(&placed.object.node());
    clusters.chain(&lowered.shared).for_each(add);
}
