//! `[[retire]]` and `[[move]]`: consent to a change that loses data, or that changes an identity.

use serde_json::{Value as Json, json};

use super::{missing, unsupported};
use crate::diag::Diagnostics;
use crate::grammar::dns::Label;
use crate::grammar::location::RegionName;
use crate::grammar::name::BpName;
use crate::grammar::place::Place;
use crate::shape::table;

table! {
    /// Consent to a deletion that loses data. Remove it once the deletion is committed.
    RetireTable {
        /// The release that may go, with `bp-`.
        release: BpName = optional,
        /// The namespace that may go.
        namespace: Label = optional,
        /// The only region where it may go. Default: every region. Alone: the whole region may go.
        region: RegionName = optional,
    }
    refine one_thing_to_retire
}

table! {
    /// Consent to a change of identity. Remove it once the change is committed.
    MoveTable {
        /// The identity before: `region/namespace/release` of a Helm release, or `region/layer` of objects that
        /// change their Kustomization.
        from: Place = required,
        /// The identity after, in the same form.
        to: Place = required,
    }
}

fn one_thing_to_retire(schema: &mut Json) {
    schema["oneOf"] = json!([
        { "required": ["release"] },
        { "required": ["namespace"] },
        {
            "required": ["region"],
            "not": { "anyOf": [{ "required": ["release"] }, { "required": ["namespace"] }] },
        },
    ]);
}

impl RetireTable {
    /// Reports a table that names nothing to retire, or two things.
    pub fn check(&self, diags: &mut Diagnostics) {
        match (&self.release, &self.namespace) {
            (None, None) if self.region.is_none() => {
                let because = (self.span, "a release, a namespace or a whole region retires");
                missing(diags, self.span, ("release", "\"bp-langfuse\""), because);
            }
            (Some(release), Some(namespace)) => {
                unsupported(diags, namespace.span, "namespace", (release.span, "a release retires here"));
            }
            (Some(_), None) | (None, Some(_) | None) => {}
        }
    }
}
