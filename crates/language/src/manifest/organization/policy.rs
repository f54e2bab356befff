//! The policies of an environment: what must hold before a change reaches it, and when its secrets are made anew.

use serde_json::{Value as Json, json};

use crate::manifest::{missing, unsupported};
use crate::scalar::choice::{Choice as _, choice};
use crate::scalar::dns::Label;
use crate::scalar::identity::{LabelKey, LabelValue, SecretName};
use crate::scalar::tenant::{Lifetime, PolicyName, Word};
use crate::schema::{Count, Named, table};
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Spanned;

choice! {
    /// Which workloads a policy weighs.
    WeightScope, "a scope" {
        /// Those that keep data.
        Stateful "stateful",
        /// Those that keep none.
        Stateless "stateless",
        /// All.
        All "all",
    }
}

choice! {
    /// What a policy does about a violation.
    PolicyMode, "a mode of a policy" {
        /// It reports.
        Permissive "permissive",
        /// It refuses.
        Enforcing "enforcing",
    }
}

choice! {
    /// What happens to a secret whose time is over.
    RotationAction, "an action" {
        /// It is made anew.
        Rotate "rotate",
        /// Somebody is told.
        Warn "warn",
        /// It is refused.
        Block "block",
    }
}

choice! {
    /// How the values of a label are compared.
    Operator, "an operator" {
        /// One of the values.
        In "In",
        /// None of the values.
        NotIn "NotIn",
        /// The label is there.
        Exists "Exists",
        /// The label is not there.
        DoesNotExist "DoesNotExist",
    }
}

table! {
    /// What must hold before a change reaches an environment.
    EnvironmentPolicyTable {
        /// Before a promotion.
        promotion: PromotionTable = optional,
        /// How the compliance score comes about.
        compliance: ComplianceTable = optional,
    }
}

table! {
    /// What a promotion needs.
    PromotionTable {
        /// How many people must agree. Default 0.
        required_approvers: Count<0, 10> = optional or 0,
        /// How many hours a change must have run in the environment before. Default 0.
        soak_hours: Count<0, 720> = optional or 0,
        /// The compliance score that is needed.
        required_compliance_score: Count<0, 100> = optional,
    }
}

table! {
    /// How the compliance score comes about.
    ComplianceTable {
        /// How much each policy weighs.
        weights: Named<PolicyName, WeightTable> = optional,
        /// What each policy does about a violation.
        modes: Named<PolicyName, PolicyMode> = optional,
    }
}

table! {
    /// How much a policy weighs.
    WeightTable {
        /// From nothing to all.
        weight: Count<0, 100> = required,
        /// `stateful`, `stateless` or `all`.
        scope: WeightScope = optional,
    }
}

table! {
    /// When the secrets of an environment are made anew.
    SecretPolicyTable {
        /// One table for each kind of secret.
        rotation: Vec<Spanned<RotationTable>> = required,
    }
}

table! {
    /// When secrets of one kind are made anew.
    RotationTable {
        /// The kind of secret.
        kind: Word = required,
        /// Which secrets, by labels.
        label_selector: SelectorTable = required,
        /// How long one lives: `90d`.
        ttl: Lifetime = required,
        /// `rotate`, `warn` (default) or `block`.
        action: RotationAction = optional or "warn",
        /// How long one can be used after its time.
        grace_period: Lifetime = optional,
        /// The resource that makes it anew.
        handler: HandlerTable = optional,
    }
}

table! {
    /// Objects by their labels.
    SelectorTable {
        /// Labels that must be there.
        match_labels: Named<LabelKey, LabelValue> = optional like { "openova.io/application": "shop" },
        /// Conditions on labels.
        match_expressions: Vec<Spanned<ExpressionTable>> = optional
            like [{ "key": "openova.io/env-type", "operator": "In", "values": ["prod"] }],
    }
    refine one_condition_at_least
}

fn one_condition_at_least(schema: &mut Json) {
    schema["anyOf"] = json!([
        { "required": ["match-labels"], "properties": { "match-labels": { "minProperties": 1 } } },
        { "required": ["match-expressions"], "properties": { "match-expressions": { "minItems": 1 } } },
    ]);
}

table! {
    /// A condition on a label.
    ExpressionTable {
        /// The label.
        key: LabelKey = required,
        /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
        operator: Operator = required,
        /// The values, with `In` and `NotIn`.
        values: Vec<Spanned<LabelValue>> = optional,
    }
    refine values_where_they_are_compared
}

fn values_where_they_are_compared(schema: &mut Json) {
    let with = |compares: bool, then: Json| {
        let words = [Operator::In, Operator::NotIn, Operator::Exists, Operator::DoesNotExist];
        let words = words.into_iter().filter(|word| word.compares() == compares).map(Operator::word);
        let operator = json!({ "operator": { "enum": words.collect::<Vec<_>>() } });
        json!({ "if": { "properties": operator, "required": ["operator"] }, "then": then })
    };
    let (some, none) = (json!({ "values": { "minItems": 1 } }), json!({ "values": { "maxItems": 0 } }));
    schema["allOf"] = json!([
        with(true, json!({ "required": ["values"], "properties": some })),
        with(false, json!({ "properties": none })),
    ]);
}

table! {
    /// The resource that makes a secret anew.
    HandlerTable {
        /// Its name.
        name: SecretName = required,
        /// Its namespace.
        namespace: Label = optional,
    }
}

impl Operator {
    /// Returns whether it compares the value of a label with others.
    fn compares(self) -> bool {
        matches!(self, Self::In | Self::NotIn)
    }
}

impl SecretPolicyTable {
    /// Reports selectors that Kubernetes refuses, and those that select everything.
    pub fn check(&self, diags: &mut Diagnostics) {
        let tables = self.rotation.iter().flat_map(|list| &list.value);
        for selector in tables.filter_map(|table| table.value.label_selector.as_ref()) {
            selector.value.check(diags);
        }
    }
}

impl SelectorTable {
    fn check(&self, diags: &mut Diagnostics) {
        let labels = self.match_labels.as_ref().map_or(self.states("match-labels"), |labels| {
            !labels.value.0.is_empty() || diags.count_within(labels.span) > 0
        });
        let expressions = self
            .match_expressions
            .as_ref()
            .map_or(self.states("match-expressions"), |list| !super::is_empty(list, diags));
        if !labels && !expressions {
            let because = (self.span, "an empty selector selects every Secret there is");
            let example = "{ \"openova.io/application\" = \"shop\" }";
            missing(diags, self.span, "match-labels", example, because);
        }
        for expression in self.match_expressions.iter().flat_map(|list| &list.value) {
            expression.value.check(diags);
        }
    }
}

impl ExpressionTable {
    fn check(&self, diags: &mut Diagnostics) {
        let Some(operator) = self.operator else { return };
        let because = |what: &str| format!("`{}` {what}", operator.value);
        match &self.values {
            None if operator.value.compares() && !self.states("values") => {
                let because = because("compares with values");
                missing(diags, self.span, "values", "[\"prod\"]", (operator.span, &because));
            }
            Some(values) if operator.value.compares() && super::is_empty(values, diags) => {
                let because = because("compares with values");
                missing(diags, values.span, "values", "[\"prod\"]", (operator.span, &because));
            }
            Some(values) if !operator.value.compares() && !values.value.is_empty() => {
                let because = because("looks at the label alone");
                unsupported(diags, values.span, "values", (operator.span, &because));
            }
            Some(_) | None => {}
        }
    }
}
