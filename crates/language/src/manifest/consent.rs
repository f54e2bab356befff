//! `[[retire]]` and `[[move]]`: consent to a change that loses data, or that changes an identity.

use serde_json::{Value as Json, json};

use super::{missing, unsupported};
use crate::scalar::dns::{Fqdn, Label};
use crate::scalar::location::RegionName;
use crate::scalar::name::BpName;
use crate::scalar::place::Place;
use crate::scalar::tenant::AppPlace;
use crate::schema::table;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Span;

table! {
    /// Consent to a deletion that loses data. Remove it once the deletion is committed.
    RetireTable {
        /// The release that may go, with `bp-`.
        release: BpName = optional,
        /// The namespace that may go; that of an Organization with its vCluster and its applications.
        namespace: Label = optional,
        /// The application that may go: `<organization>/<name of the Application resource>`.
        application: AppPlace = optional,
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
        { "required": ["application"] },
        { "required": ["region"], "not": none_of(&["release", "namespace", "application", "sovereign"]) },
        { "required": ["sovereign"], "not": none_of(&["region"]) },
    ]);
}

impl RetireTable {
    /// Reports a table that names nothing to retire, or two things.
    pub fn check(&self, diags: &mut Diagnostics) {
        if let Some(sovereign) = &self.sovereign {
            let region = ("region", self.region.as_ref().map(|name| name.span));
            for (key, span) in self.things().into_iter().chain([region]) {
                if let Some(span) = span {
                    unsupported(diags, span, key, (sovereign.span, "the whole Sovereign retires here"));
                }
            }
            return;
        }
        let things = self.things();
        let mut things = things.iter().filter_map(|(key, span)| Some((key, (*span)?)));
        let Some((first, because)) = things.next() else {
            let nothing =
                ["release", "namespace", "application", "region"].iter().all(|key| !self.states(key));
            if nothing {
                let what = "a release, a namespace, an application, a whole region or the Sovereign retires";
                missing(diags, self.span, "release", "\"bp-langfuse\"", (self.span, what));
            }
            return;
        };
        for (key, span) in things {
            unsupported(diags, span, key, (because, &format!("a {first} retires here")));
        }
    }

    /// Returns what may go beside others that stay.
    fn things(&self) -> [(&'static str, Option<Span>); 3] {
        [
            ("release", self.release.as_ref().map(|name| name.span)),
            ("namespace", self.namespace.as_ref().map(|name| name.span)),
            ("application", self.application.as_ref().map(|name| name.span)),
        ]
    }
}
