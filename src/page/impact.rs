//! What another kit or compiler does to many Sovereigns, as one page for a browser. It has no script.

use serde_json::{Value as Json, json};
use tera::{Context, Tera};

use super::{STYLE, base64};
use sovereign_text::digest::Digest;

const TEMPLATE: &str = include_str!("impact.html");
/// The template goes by a name for which Tera escapes.
const NAME: &str = "impact.html";

/// Returns the page of a report, which is what `schema/impact.schema.json` describes.
///
/// # Errors
/// The template does not take what it is given, which is a mistake in this program.
pub fn render(report: &Json) -> Result<String, tera::Error> {
    let says = json!({
        "report": report,
        "style": STYLE,
        "style_digest": base64(Digest::hash(STYLE.as_bytes()).bytes()),
        "compiler": concat!("sovereign ", env!("CARGO_PKG_VERSION")),
    });
    let mut tera = Tera::default();
    tera.add_raw_template(NAME, TEMPLATE)?;
    tera.render(NAME, &Context::from_serialize(&says)?)
}
