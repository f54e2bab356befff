//! Outcomes for a person at a terminal: one loss in full, or many as a table.

mod sentences;

use std::fmt::Write as _;

use anstyle::AnsiColor;

use super::hosts::Answer;
use super::{AppImpact, CANNOT_KNOW, Controller, Host, NameServers, Outcome, Simulation, Status, Verdict};
use sentences::Speaker;
use sovereign_text::look::Look;

/// The most regions of a Sovereign for which what fails in each loss is shown below the table, and can still be read.
const READABLE: usize = 3;

/// Returns one loss in full.
pub fn one(simulation: &Simulation<'_>, outcome: &Outcome<'_>, look: Look, width: usize) -> String {
    let mut page = Page { speaker: Speaker(simulation.plan), look, width, out: String::new() };
    page.heading(&format!("Lost: {}", page.lost(outcome)));
    page.gone(outcome);
    if !outcome.applications.is_empty() {
        page.heading("\nApplications");
        for fate in &outcome.applications {
            page.fate(outcome, fate);
        }
    }
    page.names(outcome);
    page.out.push('\n');
    page.verdict(outcome);
    page.tail(simulation);
    page.out
}

/// Many losses: a line for each, and what fails where that can still be read.
pub fn all(simulation: &Simulation<'_>, outcomes: &[Outcome<'_>], look: Look, width: usize) -> String {
    let mut page = Page { speaker: Speaker(simulation.plan), look, width, out: String::new() };
    page.table(outcomes);
    let failing: Vec<_> = outcomes.iter().filter(|outcome| !outcome.is_met()).collect();
    if simulation.plan.regions.len() <= READABLE {
        for outcome in &failing {
            let missed = outcome.applications.iter().filter(|fate| !fate.is_met());
            let told: Vec<_> = missed.filter(|fate| !is_told(outcome, fate, outcomes)).collect();
            if !told.is_empty() {
                page.heading(&format!("\nLost: {}", page.lost(outcome)));
            }
            for fate in told {
                page.fate(outcome, fate);
            }
        }
    }
    page.out.push('\n');
    match failing.len() {
        0 => page.line(AnsiColor::Green, "Every objective can be met in every loss, as far as a plan shows."),
        count => {
            let words = format!("Objectives are missed in {count} of {} losses.", outcomes.len());
            page.line(AnsiColor::Red, &words);
        }
    }
    let example = failing.first().or(outcomes.first().as_ref()).copied();
    if let Some(example) = example {
        let regions: Vec<_> = example.lost.regions(simulation.plan).map(|r| r.name.value.as_str()).collect();
        page.fill(0, &format!("One loss in full: sovereign simulate --lose {}", regions.join(" ")));
    }
    page.tail(simulation);
    page.out
}

/// Returns whether a smaller loss comes to the same for an application, and is shown with it.
fn is_told(outcome: &Outcome<'_>, fate: &AppImpact<'_>, outcomes: &[Outcome<'_>]) -> bool {
    let smaller = outcomes.iter().filter(|other| other.lost.is_part_of(&outcome.lost));
    let mut fates = smaller.flat_map(|other| &other.applications);
    fates.any(|other| {
        std::ptr::eq(other.application, fate.application)
            && (&other.course, other.loss) == (&fate.course, fate.loss)
            && !other.is_met()
    })
}

/// A text that grows.
struct Page<'p> {
    speaker: Speaker<'p>,
    look: Look,
    width: usize,
    out: String,
}

impl Page<'_> {
    fn heading(&mut self, text: &str) {
        let (before, text) = text.strip_prefix('\n').map_or(("", text), |text| ("\n", text));
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(self.out, "{before}{}", self.look.bold(text));
    }

    fn line(&mut self, color: AnsiColor, text: &str) {
        let _ = writeln!(self.out, "{}", self.look.paint(color, text));
    }

    /// Words in lines that end before the edge of the screen.
    fn fill(&mut self, indent: usize, text: &str) {
        let mut column = 0;
        for word in text.split(' ') {
            let length = word.chars().count();
            if column == 0 {
                let _ = write!(self.out, "{:indent$}{word}", "");
                column = indent + length;
            } else if column + 1 + length > self.width {
                let _ = write!(self.out, "\n{:indent$}{word}", "");
                column = indent + length;
            } else {
                let _ = write!(self.out, " {word}");
                column += 1 + length;
            }
        }
        self.out.push('\n');
    }

    /// `fsn1 (primary), hel1`.
    fn lost(&self, outcome: &Outcome<'_>) -> String {
        let regions = outcome.lost.regions(self.speaker.0).map(|region| {
            let role = if region.is_primary() { " (primary)" } else { "" };
            format!("{}{role}", region.name.value.as_str())
        });
        regions.collect::<Vec<_>>().join(", ")
    }

    fn gone(&mut self, outcome: &Outcome<'_>) {
        self.heading("\nGoes down");
        for region in outcome.lost.regions(self.speaker.0) {
            let vclusters: Vec<_> = region.vclusters.iter().map(|tier| tier.value.to_string()).collect();
            let vclusters = match vclusters.as_slice() {
                [] => "no vClusters".to_owned(),
                some => format!("vClusters {}", some.join(", ")),
            };
            let (name, count) = (region.name.value.as_str(), region.releases.len());
            self.fill(2, &format!("{name}: its cluster with {count} releases; {vclusters}"));
        }
        let of = |data: bool| -> Vec<&str> {
            let gone = outcome.gone.iter().filter(|gone| gone.blueprint.stateful == data);
            gone.map(|gone| gone.blueprint.name.value.as_str()).collect()
        };
        for (title, names) in [("With its data, and no standby", of(true)), ("No standby", of(false))] {
            if !names.is_empty() {
                self.fill(2, &format!("{title}: {}", names.join(", ")));
            }
        }
        match outcome.controller {
            Controller::Lost(region) => {
                let region = self.speaker.region(region).to_owned();
                let words = format!(
                    "The failover controller, which runs in {region} only. Nobody runs the steps of a switchover."
                );
                self.fill(2, &words);
            }
            Controller::Lives(_) | Controller::Off => {}
        }
    }

    fn fate(&mut self, outcome: &Outcome<'_>, fate: &AppImpact<'_>) {
        let tone = match (fate.is_met(), fate.status()) {
            (false, _) | (true, Status::Down | Status::Stranded) => AnsiColor::Red,
            (true, Status::Moves | Status::Degraded) => AnsiColor::Yellow,
            (true, Status::Unaffected) => AnsiColor::Green,
        };
        let title = format!("  {}: {}", fate.application.name.value, self.speaker.headline(fate));
        self.line(tone, &title);
        for sentence in self.speaker.sentences(outcome, fate) {
            self.fill(4, &sentence);
        }
    }

    /// What touched names answer, and who answers.
    fn names(&mut self, outcome: &Outcome<'_>) {
        let touched: Vec<_> = outcome.hosts.iter().filter(|host| host.is_touched()).collect();
        if !outcome.hosts.is_empty() {
            self.heading("\nNames");
        }
        let rows = touched.iter().map(|host| self.row(host));
        let head = ["", "BEFORE", "UNTIL SOMETHING ACTS", "AFTERWARDS"].map(str::to_owned);
        let rows: Vec<[String; 4]> =
            std::iter::once(head).filter(|_| !touched.is_empty()).chain(rows).collect();
        self.columns(&rows);
        let (total, rest) = (outcome.hosts.len(), outcome.hosts.len() - touched.len());
        if rest > 0 {
            self.fill(2, &format!("{rest} of {total} names answer as before."));
        }
        let servers = match &outcome.name_servers {
            NameServers::Outside => "The name servers stand outside, and all remain.".to_owned(),
            NameServers::Inside { left, lost } if left.is_empty() && lost.is_empty() => {
                "No name server has an address yet.".to_owned()
            }
            NameServers::Inside { left, lost } if lost.is_empty() => {
                format!("The name servers in {} all remain.", self.speaker.regions(left))
            }
            NameServers::Inside { left, lost } if left.is_empty() => {
                format!("Name servers were in {}: nobody answers for the zone.", self.speaker.regions(lost))
            }
            NameServers::Inside { left, lost } => {
                format!(
                    "Name servers are left in {}, and lost in {}.",
                    self.speaker.regions(left),
                    self.speaker.regions(lost)
                )
            }
        };
        self.fill(2, &servers);
    }

    fn row(&self, host: &Host) -> [String; 4] {
        [host.name.clone(), self.answer(&host.before), self.answer(&host.during), self.answer(&host.after)]
    }

    fn answer(&self, addresses: &[Answer]) -> String {
        let of = |lives: bool| -> Vec<&str> {
            addresses.iter().filter(|a| a.lives == lives).map(|a| self.speaker.region(a.region)).collect()
        };
        match (of(true), of(false)) {
            (living, dead) if living.is_empty() && dead.is_empty() => "nobody answers".to_owned(),
            (living, _) if living.is_empty() => "no living address".to_owned(),
            (living, dead) if dead.is_empty() => living.join(", "),
            (living, dead) => format!("{}; dead: {}", living.join(", "), dead.join(", ")),
        }
    }

    /// A table; the last column is not padded.
    fn columns<const N: usize>(&mut self, rows: &[[String; N]]) {
        let width =
            |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let widths: [usize; N] = std::array::from_fn(width);
        for row in rows {
            let mut line = String::from(" ");
            for (cell, width) in row.iter().zip(widths) {
                let _ = write!(line, " {cell:width$} ");
            }
            let _ = writeln!(self.out, "{}", line.trim_end());
        }
    }

    fn table(&mut self, outcomes: &[Outcome<'_>]) {
        let head = ["LOST", "DOWN", "STRANDED", "MOVES", "DEGRADED", "OBJECTIVES"].map(str::to_owned);
        let rows = outcomes.iter().map(|outcome| {
            let lost: Vec<_> =
                outcome.lost.regions(self.speaker.0).map(|region| region.name.value.as_str()).collect();
            let of = |status| outcome.applications.iter().filter(|fate| fate.status() == status).count();
            let [down, stranded, moves, degraded] =
                [Status::Down, Status::Stranded, Status::Moves, Status::Degraded].map(of);
            let [down, stranded, moves, degraded] = [down, stranded, moves, degraded].map(|n| n.to_string());
            [lost.join(" + "), down, stranded, moves, degraded, objectives(outcome)]
        });
        let rows: Vec<[String; 6]> = std::iter::once(head).chain(rows).collect();
        self.columns(&rows);
    }

    fn verdict(&mut self, outcome: &Outcome<'_>) {
        let color = if outcome.is_met() { AnsiColor::Green } else { AnsiColor::Red };
        let words = format!("Objectives, as far as a plan shows: {}.", objectives(outcome));
        self.line(color, &words);
    }

    fn tail(&mut self, simulation: &Simulation<'_>) {
        let waiting: Vec<_> = simulation.without_address().collect();
        if !waiting.is_empty() {
            let regions = waiting.join(", ");
            self.fill(
                0,
                &format!("No record leads to {regions}: `observed.load-balancer-address` is not known yet. Bounds count as if it were."),
            );
        }
        self.heading("\nWhat this cannot know");
        for unknown in CANNOT_KNOW {
            self.fill(2, &format!("- {unknown}"));
        }
    }
}

/// `missed: shop rto, bank rto and rpo`; what does not answer and has no objective is named too.
fn objectives(outcome: &Outcome<'_>) -> String {
    let missed = |fate: &AppImpact<'_>| {
        let missed = |verdict: Option<Verdict>| verdict == Some(Verdict::Missed);
        let which = match (missed(fate.rto()), missed(fate.rpo())) {
            (true, true) => "rto and rpo",
            (true, false) => "rto",
            (false, true) => "rpo",
            (false, false) => return None,
        };
        Some(format!("{} {which}", fate.application.name.value))
    };
    let missed: Vec<_> = outcome.applications.iter().filter_map(missed).collect();
    let unanswered =
        outcome.applications.iter().filter(|fate| fate.rto().is_none() && fate.bound().is_none());
    let unanswered: Vec<_> = unanswered.map(|fate| fate.application.name.value.to_string()).collect();
    let mut text =
        if missed.is_empty() { "met".to_owned() } else { format!("missed: {}", missed.join(", ")) };
    if !unanswered.is_empty() {
        let _ = write!(text, "; without rto: {}", unanswered.join(", "));
    }
    text
}
