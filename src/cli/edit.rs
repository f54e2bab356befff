//! `sovereign set`, `unset`, `add`, `bump`, `observe` and `fmt`: edits of a manifest that keep its comments and its form.

mod committed;
mod made;

use std::io::Read as _;
use std::path::Path as FilePath;
use std::sync::Arc;

use super::args::{Add, Addable, Bump, Fmt, Observe, Set, Unset};
use super::{Exit, Failure, Terminal, args};
use sovereign_edit::{Edit, Entry, Path, Refused, What};
use sovereign_language::kit::Kits;
use sovereign_store::load;

/// What a command asks for.
struct Request<'a> {
    edit: Edit,
    file: &'a FilePath,
    editing: &'a args::Editing,
    kits: &'a Kits,
}

/// Runs `sovereign set`.
///
/// # Errors
/// A file or the repository cannot be read or written.
pub fn set(args: &Set, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let edit = Path::parse(&args.path).map(|path| Edit::Set { path, value: args.value.clone() });
    run(edit, args.editing.file(args.file.as_ref()), &args.editing, terminal)
}

/// Runs `sovereign unset`.
///
/// # Errors
/// A file or the repository cannot be read or written.
pub fn unset(args: &Unset, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let edit = Path::parse(&args.path).map(|path| Edit::Unset { path });
    run(edit, args.editing.file(args.file.as_ref()), &args.editing, terminal)
}

/// Runs `sovereign add`.
///
/// # Errors
/// A file or the repository cannot be read or written.
pub fn add(args: &Add, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let what = match args.what {
        Addable::Region => What::Region,
        Addable::Organization => What::Organization,
        Addable::Application => What::Application,
        Addable::Blueprint => What::Blueprint,
    };
    let values: Result<Vec<_>, Refused> = args.values.iter().map(|written| assignment(written)).collect();
    let edit = values.map(|values| Edit::Add(Entry { what, name: args.name.clone(), values }));
    run(edit, &args.editing.manifest, &args.editing, terminal)
}

/// Runs `sovereign bump`.
///
/// # Errors
/// A file or the repository cannot be read or written.
pub fn bump(args: &Bump, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let kits = Arc::clone(&terminal.kits);
    let newest = kits.newest();
    let is_kit = |what: &String| what.starts_with(|c: char| c.is_ascii_digit());
    let edit = match (&args.what, &args.version) {
        (None, _) => Ok(Edit::BumpKit { kit: newest.to_owned() }),
        (Some(kit), None) if is_kit(kit) => Ok(Edit::BumpKit { kit: kit.clone() }),
        (Some(blueprint), version) => {
            Ok(Edit::BumpBlueprint { blueprint: blueprint.clone(), version: version.clone() })
        }
    };
    run(edit, &args.editing.manifest, &args.editing, terminal)
}

/// Runs `sovereign observe`.
///
/// # Errors
/// A file or the repository cannot be read or written.
pub fn observe(args: &Observe, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let output = if args.output.as_os_str() == "-" {
        let mut output = String::new();
        std::io::stdin()
            .take(load::MOST_OUTPUT)
            .read_to_string(&mut output)
            .map_err(|error| Failure::Environment(format!("cannot read standard input: {error}")))?;
        output
    } else {
        load::text(&args.output)?
    };
    let edit = Ok(Edit::Observe { output, region: args.region.clone() });
    run(edit, &args.editing.manifest, &args.editing, terminal)
}

/// Runs `sovereign fmt`.
///
/// # Errors
/// A file or the repository cannot be read or written.
pub fn fmt(args: &Fmt, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let file = args.editing.file(args.file.as_ref());
    if args.check {
        let kits = Arc::clone(&terminal.kits);
        return made::compared(&Edit::Format, file, &kits, terminal);
    }
    run(Ok(Edit::Format), file, &args.editing, terminal)
}

fn run(
    edit: Result<Edit, Refused>,
    file: &FilePath,
    editing: &args::Editing,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, Failure> {
    let edit = match edit {
        Ok(edit) => edit,
        Err(refused) => return say(&refused, terminal),
    };
    let kits = Arc::clone(&terminal.kits);
    let request = Request { edit, file, editing, kits: &kits };
    if editing.commit { committed::run(&request, terminal) } else { made::run(&request, terminal) }
}

/// Says why an edit is not made.
fn say(refused: &Refused, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    writeln!(terminal.err, "error: {refused}")?;
    Ok(Exit::Found)
}

/// Reads `PATH=VALUE`.
fn assignment(written: &str) -> Result<(Path, String), Refused> {
    let Some((path, value)) = written.split_once('=') else {
        return Err(Refused {
            words: format!("`{written}` says no value"),
            help: Some("write PATH=VALUE, such as `provider=hetzner`".to_owned()),
        });
    };
    Ok((Path::parse(path)?, value.to_owned()))
}
