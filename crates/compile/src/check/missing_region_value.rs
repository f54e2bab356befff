#![doc = include_str!("../../../../docs/diagnostics/missing-region-value.md")]

use crate::plan::Plan;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports regions of providers without naming tables that lack a code or a letter, and letters that collide
/// with their provider's.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        let provider = region.provider.value;
        let letter = &region.written.letter;
        if let Some(letter) =
            letter.as_ref().filter(|letter| letter.value.letter() == provider.cloud().letter)
        {
            let message = format!("`{}` is already the letter of {provider}", letter.value);
            diags.push(
                Diagnostic::new(Code::MissingRegionValue, letter.span, message)
                    .note("a location code would say the same letter twice and mean two things")
                    .help("choose another letter"),
            );
        }
        if !provider.cloud().regions.is_empty() {
            continue;
        }
        let lacks = [("code", "\"euw\""), ("letter", "\"e\"")];
        let lacks: Vec<_> = lacks.into_iter().filter(|(key, _)| !region.written.states(key)).collect();
        if lacks.is_empty() {
            continue;
        }
        let and = |words: Vec<String>| words.join(" and ");
        let keys = and(lacks.iter().map(|(key, _)| format!("a `{key}`")).collect());
        let lines = and(lacks.iter().map(|(key, example)| format!("`{key} = {example}`")).collect());
        let message =
            format!("region `{}` needs {keys}: there are no naming tables for {provider}", region.name.value);
        diags.push(
            Diagnostic::new(Code::MissingRegionValue, region.written.span, message)
                .label("in this table")
                .related(region.provider.span, "the provider")
                .help(format!("add {lines}, and keep it for ever: names are made of it")),
        );
    }
}
