#![doc = include_str!("../../../../docs/diagnostics/minted-secret.md")]

use crate::plan::failover::Application;
use crate::plan::{Plan, Region};
use sovereign_language::kit::MintedSecret;
use sovereign_language::scalar::ValuePath;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};

/// How many regions are named.
const SHOWN: usize = 3;

/// Reports Secrets that a chart makes up in two regions of one application.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for application in plan.failover.iter().flat_map(|failover| &failover.applications) {
        let Some(name) = &application.blueprint else { continue };
        let Some(blueprint) = plan.kit.blueprint(name.value.as_str()) else { continue };
        for minted in &blueprint.mints {
            report(plan, application, name.value.as_str(), minted, diags);
        }
    }
}

fn report(
    plan: &Plan<'_>,
    application: &Application<'_>,
    blueprint: &str,
    minted: &MintedSecret,
    diags: &mut Diagnostics,
) {
    let Some(secret) = &minted.secret else { return };
    let unless = minted.unless.as_ref().map(|path| &path.value);
    let regions = application.seats().filter_map(|seat| plan.at(seat));
    let running: Vec<_> = regions.filter(|region| region.release(blueprint).is_some()).collect();
    let minting: Vec<_> = running.iter().filter(|region| !is_given(region, blueprint, unless)).collect();
    if running.len() < 2 || minting.is_empty() {
        return;
    }
    let name = &application.name.value;
    let made = suggest::list(minting.iter().map(|region| region.name.value.as_str()), SHOWN);
    let answered = suggest::list(running.iter().map(|region| region.name.value.as_str()), SHOWN);
    let message = format!(
        "`{blueprint}` makes up the Secret `{}` in {made}, and `{name}` is answered from {answered}",
        secret.value,
    );
    let found = Diagnostic::new(Code::MintedSecret, application.name.span, message)
        .related(secret.span, "made up at random, so each region has another")
        .note("what one region signs or encrypts, the other refuses");
    let bare = blueprint.strip_prefix("bp-").unwrap_or(blueprint);
    diags.push(match unless {
        Some(path) => found.help(format!(
            "put one Secret into both regions and name it: `[blueprint.{bare}] values = {{ {path} = \"…\" }}`"
        )),
        None => found.help("write `placement = \"single-region\"`: the chart takes no Secret from outside"),
    });
}

/// Returns whether the values of a region name a Secret to be used instead.
fn is_given(region: &Region<'_>, blueprint: &str, unless: Option<&ValuePath>) -> bool {
    let values = region.release(blueprint).map(|release| &release.values);
    let named = values.zip(unless).and_then(|(values, path)| values.at(&path.keys())?.as_str());
    named.is_some_and(|name| !name.is_empty())
}
