//! What a promotion into an environment takes.

use super::tables::{count, named};
use super::{ApiVersion, Definition, Meta, Resource};
use sovereign_language::manifest::{ComplianceTable, EnvironmentPolicyTable, PromotionTable};
use sovereign_text::node::{Fields, Node, text};
use sovereign_text::source::Spanned;

/// `catalyst.openova.io` EnvironmentPolicy.
#[derive(Clone, Debug)]
pub struct EnvironmentPolicy {
    /// Its metadata.
    pub meta: Meta,
    /// What was written.
    pub written: EnvironmentPolicyTable,
}

impl Resource for EnvironmentPolicy {
    const KIND: &'static str = "EnvironmentPolicy";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("catalyst.openova.io/v1");
    const DEFINITION: Definition = Definition::Release;

    fn body(&self, object: Fields) -> Fields {
        let promotion = |promotion: &Spanned<PromotionTable>| {
            let written = &promotion.value;
            Fields::new(promotion.span)
                .maybe("requiredApprovers", count(written.required_approvers.as_ref()).as_ref())
                .maybe("soakHours", count(written.soak_hours.as_ref()).as_ref())
                .maybe("requiredComplianceScore", count(written.required_compliance_score.as_ref()).as_ref())
                .node()
        };
        let spec = Fields::new(self.meta.name.span)
            .put_some("promotion", self.written.promotion.as_ref().map(promotion))
            .put_some("compliance", self.written.compliance.as_ref().map(compliance));
        object.put("spec", spec.node())
    }
}

fn compliance(compliance: &Spanned<ComplianceTable>) -> Node {
    let weights = compliance.value.weights.as_ref().map(|weights| {
        named(weights, |weight| {
            Fields::new(weight.span)
                .maybe("weight", count(weight.value.weight.as_ref()).as_ref())
                .shown("scope", weight.value.scope.as_ref())
                .node()
        })
    });
    let modes = compliance.value.modes.as_ref().map(|modes| named(modes, |mode| text(mode).into()));
    Fields::new(compliance.span).put_some("weights", weights).put_some("modes", modes).node()
}
