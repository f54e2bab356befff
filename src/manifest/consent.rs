//! `[[retire]]` and `[[move]]`: consent to a change that loses data, or that changes an identity.

use serde_json::{Value as Json, json};

use super::{missing, unsupported};
use crate::diag::Diagnostics;
use crate::grammar::dns::{Fqdn, Label};
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
        /// The domain name of this Sovereign, alone: all of it may go. Its tree then holds no cluster.
        sovereign: Fqdn = optional,
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
    let none_of = |keys: &[&str]| json!({ "anyOf": keys.iter().map(|key| json!({ "required": [key] })).collect::<Vec<_>>() });
    schema["oneOf"] = json!([
        { "required": ["release"] },
        { "required": ["namespace"] },
        { "required": ["region"], "not": none_of(&["release", "namespace", "sovereign"]) },
        { "required": ["sovereign"], "not": none_of(&["region"]) },
    ]);
}

impl RetireTable {
    /// Reports a table that names nothing to retire, or two things.
    pub fn check(&self, diags: &mut Diagnostics) {
        if let Some(sovereign) = &self.sovereign {
            let others = [
                ("release", self.release.as_ref().map(|name| name.span)),
                ("namespace", self.namespace.as_ref().map(|name| name.span)),
                ("region", self.region.as_ref().map(|name| name.span)),
            ];
            for (key, span) in others {
                if let Some(span) = span {
                    unsupported(diags, span, key, (sovereign.span, "the whole Sovereign retires here"));
                }
            }
            return;
        }
        match (&self.release, &self.namespace) {
            (None, None) if self.region.is_none() => {
                let because = (self.span, "a release, a namespace, a whole region or the Sovereign retires");
                missing(diags, self.span, ("release", "\"bp-langfuse\""), because);
            }
            (Some(release), Some(namespace)) => {
                unsupported(diags, namespace.span, "namespace", (release.span, "a release retires here"));
            }
            (Some(_), None) | (None, Some(_) | None) => {}
        }
    }
}
