#![doc = include_str!("../../../../docs/diagnostics/not-text.md")]

use super::secret_literal;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::{MAX_BYTES, NotText, Source, Span};

/// Reports bytes that did not become a source; `source` holds the text before the fault.
pub fn report(fault: NotText, source: &Source, diags: &mut Diagnostics) {
    // The last line of that text is shown.
    secret_literal::hide(source, diags);
    diags.push(finding(fault, source));
}

fn finding(fault: NotText, source: &Source) -> Diagnostic {
    let end = source.text().len();
    let span = Span::new(source.id(), end..end);
    match fault {
        NotText::TooLarge(_) => {
            let message = format!("the file is larger than {MAX_BYTES} bytes, the most that is read");
            Diagnostic::new(Code::NotText, span, message)
        }
        NotText::NotUtf8(offset) => {
            let message = format!("the file is not UTF-8: byte {offset} begins no character");
            Diagnostic::new(Code::NotText, span, message).help("save the file as UTF-8")
        }
    }
}
