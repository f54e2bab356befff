//! `[[accept]]`: a finding that is right to have.

use std::borrow::Cow;

use serde_json::{Value as Json, json};
use toml::de::DeValue;

use crate::scalar::accept::{ManifestPath, Reason};
use crate::scalar::name::RelPath;
use crate::schema::{Decoder, Definitions, Raw, Shape, shorten, table};
use sovereign_text::diag::{Code, Diagnostic, suggest};

table! {
    /// A finding that is accepted at one place: a guess that is wrong there, or a warning about what is meant so.
    AcceptTable {
        /// The finding.
        finding: Acceptable = required,
        /// The value that it is about, as findings write it: `blueprint.keycloak.values.forgotPassword.url`. What is below it is
        /// meant too.
        at: ManifestPath = required,
        /// The file that the path is in, seen from the manifest, if it is one of a blueprint or an Organization.
        file: RelPath = optional,
        /// Why it is right, for whoever reads the tree.
        reason: Reason = required,
    }
}

/// A finding that may be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acceptable(pub Code);

impl Shape for Acceptable {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        let DeValue::String(name) = raw.get_ref() else {
            decoder.wrong_type(raw, "the name of a finding", &Self::example());
            return None;
        };
        let code: Option<Code> = name.parse().ok();
        if let Some(code) = code.filter(|code| code.is_acceptable()) {
            return Some(Self(code));
        }
        let span = decoder.span(raw);
        if decoder.is_placeholder(span) {
            return None;
        }
        let known = || Code::ACCEPTABLE.iter().copied();
        let list = format!("these can be accepted: {}", suggest::list(known(), Code::ACCEPTABLE.len()));
        let found = |message| Diagnostic::new(Code::UnknownChoice, span, message);
        decoder.report(match (code, suggest::nearest(name, known())) {
            (Some(code), _) => found(format!("`{code}` cannot be accepted"))
                .note("what it says is certain, and a tree without that would be wrong")
                .help(list),
            (None, Some(near)) => found(format!("there is no finding `{}`", shorten(name))).fix(
                "did you mean",
                span,
                format!("{near:?}"),
            ),
            (None, None) => found(format!("there is no finding `{}`", shorten(name))).help(list),
        });
        None
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "type": "string", "enum": Code::ACCEPTABLE })
    }

    fn example() -> Cow<'static, str> {
        format!("{:?}", Code::SecretLiteral.name()).into()
    }
}
