//! How often the Secrets of an environment change.

use super::tables::{list, named};
use super::{ApiVersion, Definition, Meta, Resource};
use sovereign_language::manifest::{HandlerTable, RotationTable, SecretPolicyTable, SelectorTable};
use sovereign_language::scalar::{LabelKey, LabelValue};
use sovereign_language::schema::Named;
use sovereign_text::node::{Fields, Node, text};
use sovereign_text::source::Spanned;

/// `catalyst.openova.io` SecretPolicy.
#[derive(Clone, Debug)]
pub struct SecretPolicy {
    /// Its metadata.
    pub meta: Meta,
    /// What was written.
    pub written: SecretPolicyTable,
}

impl Resource for SecretPolicy {
    const KIND: &'static str = "SecretPolicy";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("catalyst.openova.io/v1");
    const DEFINITION: Definition = Definition::Release;

    fn body(&self, object: Fields) -> Fields {
        let handler = |handler: &Spanned<HandlerTable>| {
            Fields::new(handler.span)
                .shown("name", handler.value.name.as_ref())
                .shown("namespace", handler.value.namespace.as_ref())
                .node()
        };
        let rotation = |rotation: &RotationTable, span| {
            Fields::new(span)
                .shown("kind", rotation.kind.as_ref())
                .put_some("labelSelector", rotation.label_selector.as_ref().map(selector))
                .shown("ttl", rotation.ttl.as_ref())
                .shown("action", rotation.action.as_ref())
                .shown("gracePeriod", rotation.grace_period.as_ref())
                .put_some("handlerRef", rotation.handler.as_ref().map(handler))
        };
        let rotations = self.written.rotation.as_ref().map(|rotations| list(rotations, rotation));
        object.put("spec", Fields::new(self.meta.name.span).put_some("rotation", rotations).node())
    }
}

fn selector(selector: &Spanned<SelectorTable>) -> Node {
    let labels = |labels: &Spanned<Named<LabelKey, LabelValue>>| named(labels, |value| text(value).into());
    let expressions = selector.value.match_expressions.as_ref().map(|expressions| {
        list(expressions, |expression, span| {
            let values = expression.values.as_ref().map(|values| {
                let values: Vec<Node> = values.value.iter().map(|value| text(value).into()).collect();
                Node::new(values, span)
            });
            Fields::new(span)
                .shown("key", expression.key.as_ref())
                .shown("operator", expression.operator.as_ref())
                .put_some("values", values)
        })
    });
    Fields::new(selector.span)
        .put_some("matchLabels", selector.value.match_labels.as_ref().map(labels))
        .put_some("matchExpressions", expressions)
        .node()
}
