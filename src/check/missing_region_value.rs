#![doc = include_str!("../../docs/diagnostics/missing-region-value.md")]

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::grammar::location::known_regions;
use crate::plan::Plan;

/// Reports regions of providers without naming tables that lack a code or a letter, and letters that collide
/// with their provider's.
pub fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        let provider = region.provider.value;
        let (code, letter) = (&region.written.code, &region.written.letter);
        if let Some(letter) = letter.as_ref().filter(|letter| letter.value.letter() == provider.letter()) {
            let message = format!("`{}` is already the letter of {provider}", letter.value);
            diags.push(
                Diagnostic::new(Code::MissingRegionValue, letter.span, message)
                    .note("a location code would say the same letter twice and mean two things")
                    .help("choose another letter"),
            );
        }
        if known_regions(provider).next().is_some() {
            continue;
        }
        let missing: Vec<_> = [("code", code.is_none()), ("letter", letter.is_none())]
            .into_iter()
            .filter_map(|(key, missing)| missing.then_some(key))
            .collect();
        for key in missing {
            let name = &region.name.value;
            let message =
                format!("region `{name}` needs a `{key}`: the naming tables have none for {provider}");
            let example = if key == "code" { "\"euw\"" } else { "\"e\"" };
            diags.push(
                Diagnostic::new(Code::MissingRegionValue, region.written.span, message)
                    .label("in this table")
                    .related(region.provider.span, "the provider")
                    .help(format!("add `{key} = {example}`, and keep it for ever: names are made of it")),
            );
        }
    }
}
