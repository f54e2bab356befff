//! How text for people is printed: with or without colour.

use anstyle::{AnsiColor, Style};

/// How to print.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// With colour.
    pub color: bool,
}

impl Look {
    /// Returns a text in a colour.
    pub fn paint(self, color: AnsiColor, text: &str) -> String {
        let style = Style::new().fg_color(Some(color.into()));
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// Returns a text in bold.
    pub fn bold(self, text: &str) -> String {
        let style = Style::new().bold();
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}
