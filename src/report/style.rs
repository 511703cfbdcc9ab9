//! Colours of the terminal, or none.

use std::fmt::Display;

use annotate_snippets::Renderer;
use annotate_snippets::renderer::{AnsiColor, Effects, Style};
use predeploy_gates::Verdict;

/// How text is dressed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Dress {
    Plain,
    Coloured,
}

impl Dress {
    pub(crate) fn verdict(self, verdict: Verdict, text: impl Display) -> String {
        let colour = match verdict {
            Verdict::Passed => AnsiColor::Green,
            Verdict::Pending | Verdict::Unresolved => AnsiColor::Yellow,
            Verdict::Blocked => AnsiColor::Red,
            Verdict::Skipped => AnsiColor::BrightBlack,
        };
        self.paint(colour.on_default().effects(Effects::BOLD), text)
    }

    pub(crate) fn strong(self, text: impl Display) -> String {
        self.paint(Style::new().effects(Effects::BOLD), text)
    }

    pub(crate) fn quiet(self, text: impl Display) -> String {
        self.paint(Style::new().effects(Effects::DIMMED), text)
    }

    fn paint(self, style: Style, text: impl Display) -> String {
        match self {
            Self::Plain => text.to_string(),
            Self::Coloured => format!("{style}{text}{style:#}"),
        }
    }

    pub(crate) fn renderer(self) -> Renderer {
        match self {
            Self::Plain => Renderer::plain(),
            Self::Coloured => Renderer::styled(),
        }
    }
}
