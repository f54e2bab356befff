//! Newer versions: of the kit, and wherever a blueprint is pinned.

use sovereign_language::input::{Holds, Input, Revised};
use sovereign_language::kit::Kits;
use sovereign_text::diag::{Diagnostics, suggest};

use crate::language::Language;
use crate::list::Found;
use crate::place::{ORGANIZATION, Opened};
use crate::{Path, Refused};

/// Writes another kit.
pub(crate) fn kit(input: &Input, kit: &str, kits: &Kits) -> Result<Vec<Revised>, Refused> {
    let language = Language::new();
    let mut opened = Opened::manifest(input, &language)?;
    if !kits.names().any(|known| known == kit) {
        return Err(Refused::new(format!("there is no kit `{kit}`"))
            .help(format!("this program carries {}", suggest::list(kits.names(), 12))));
    }
    let path = Path::of(["kit"]);
    if let Some(own) = opened.get(&path).and_then(|kit| kit.below("path")?.text()) {
        let words = format!("the kit of this Sovereign is one of its own, in `{own}`");
        return Err(Refused::new(words).help(format!("change `extends` in {own}/kit.toml")));
    }
    if opened.get(&path).is_some_and(|kit| kit.table().is_some()) {
        return Err(Refused::new("the kit of this Sovereign comes from elsewhere")
            .help("`sovereign set` changes where from, and `sovereign kit fetch` brings it"));
    }
    opened.set(&path, kit)?;
    Ok(vec![opened.revised()])
}

/// Writes another version wherever a blueprint is pinned; where it is not, a pin.
pub(crate) fn blueprint(
    input: &Input,
    name: &str,
    version: Option<&str>,
    kits: &Kits,
) -> Result<Vec<Revised>, Refused> {
    let language = Language::new();
    let name = name.strip_prefix("bp-").unwrap_or(name);
    let newest = kits.open(kits.newest(), &[], &mut Diagnostics::new());
    let of_kit = newest
        .as_ref()
        .and_then(|kit| kit.blueprint(&format!("bp-{name}")))
        .map(|it| it.version.value.as_str().to_owned());
    let Some(version) = version.map(str::to_owned).or(of_kit) else {
        let known = newest.iter().flat_map(|kit| kit.blueprints.iter()).map(|it| it.name.value.as_str());
        let known: Vec<&str> = known.map(|known| known.strip_prefix("bp-").unwrap_or(known)).collect();
        let words = Refused::new(format!("no kit says which version of `{name}` is the newest"));
        return Err(match suggest::nearest(name, known) {
            Some(near) => words.help(format!("did you mean `{near}`? Or name the version")),
            None => words.help(format!("name it: `sovereign bump {name} VERSION`")),
        });
    };
    let mut manifest = Opened::manifest(input, &language)?;
    let mut pins = of_manifest(&manifest, name);
    let mut revised = Vec::new();
    for file in
        input.further().filter(|file| file.holds == Holds::Organizations && file.source.text().contains(name))
    {
        let mut opened = Opened::organization(file.path, file.source.text(), &language)?;
        let steps = vec![ORGANIZATION.to_owned(), "0".to_owned()];
        let found = of_organization(opened.get(&Path::of(steps.clone())), &steps, name);
        if !found.is_empty() {
            set(&mut opened, &found, &version)?;
            revised.push(opened.revised());
        }
    }
    if pins.is_empty() && revised.is_empty() {
        pins.push(Path::of(["blueprint", name, "version"]));
    }
    set(&mut manifest, &pins, &version)?;
    revised.push(manifest.revised());
    Ok(revised)
}

fn set(opened: &mut Opened<'_>, pins: &[Path], version: &str) -> Result<(), Refused> {
    pins.iter().try_for_each(|path| opened.set(path, &format!("{version:?}")))
}

/// Returns where a manifest pins a blueprint.
fn of_manifest(manifest: &Opened<'_>, name: &str) -> Vec<Path> {
    let mut pins = vec![Path::of(["blueprint", name, "version"])];
    for place in 0..count(manifest.get(&Path::of(["region"]))) {
        pins.push(Path::of(["region", &place.to_string(), "blueprint", name, "version"]));
    }
    pins.retain(|path| manifest.get(path).is_some());
    for place in 0..count(manifest.get(&Path::of([ORGANIZATION]))) {
        let steps = vec![ORGANIZATION.to_owned(), place.to_string()];
        pins.extend(of_organization(manifest.get(&Path::of(steps.clone())), &steps, name));
    }
    pins
}

/// Returns where an Organization, to which these steps lead, pins a blueprint that it installs.
fn of_organization(organization: Option<Found<'_>>, steps: &[String], name: &str) -> Vec<Path> {
    let mut pins = Vec::new();
    let environments = organization.and_then(|table| table.below("environment"));
    for (environment, table) in environments.map(Found::entries).unwrap_or_default().into_iter().enumerate() {
        let applications = table.below("application").map(Found::entries).unwrap_or_default();
        for (application, table) in applications.into_iter().enumerate() {
            let called = table.below("blueprint").and_then(|blueprint| blueprint.below("name")?.text());
            if called.is_some_and(|called| called.strip_prefix("bp-").unwrap_or(called) == name) {
                let below =
                    ["environment", &environment.to_string(), "application", &application.to_string()];
                let below = below.into_iter().chain(["blueprint", "version"]).map(str::to_owned);
                pins.push(Path::of(steps.iter().cloned().chain(below)));
            }
        }
    }
    pins
}

fn count(list: Option<Found<'_>>) -> usize {
    list.map_or(0, |list| list.entries().len())
}
