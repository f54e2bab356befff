//! Outcomes for a person at a terminal: one loss in full, or many as a table.

use std::fmt::Write as _;

use anstyle::AnsiColor;

use super::application::StepTime;
use super::course::{Cause, Flip, Promotion};
use super::hosts::Address;
use super::{
    CANNOT_KNOW, Controller, Course, Fate, Host, Loss, NameServers, Outcome, Simulation, Status, Verdict,
    Weakness, Witness, name,
};
use crate::diff::human::Look;
use crate::manifest::Replication;
use crate::plan::Plan;
use crate::plan::switchover::{FAILED_CHECKS, Step};

/// The most regions of a Sovereign for which what fails in each loss is shown below the table, and can still be read.
const READABLE: usize = 3;

/// One loss in full.
pub fn one(simulation: &Simulation<'_>, outcome: &Outcome<'_>, (look, width): (Look, usize)) -> String {
    let mut page = Page { plan: simulation.plan, look, width, out: String::new() };
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
pub fn all(simulation: &Simulation<'_>, outcomes: &[Outcome<'_>], (look, width): (Look, usize)) -> String {
    let mut page = Page { plan: simulation.plan, look, width, out: String::new() };
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

/// Whether a smaller loss comes to the same for an application, and is shown with it.
fn is_told(outcome: &Outcome<'_>, fate: &Fate<'_>, outcomes: &[Outcome<'_>]) -> bool {
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
    plan: &'p Plan<'p>,
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

    fn region(&self, place: usize) -> &str {
        name(self.plan, place)
    }

    fn regions(&self, places: &[usize]) -> String {
        places.iter().map(|place| self.region(*place)).collect::<Vec<_>>().join(", ")
    }

    /// `fsn1 (primary), hel1`.
    fn lost(&self, outcome: &Outcome<'_>) -> String {
        let regions = outcome.lost.regions(self.plan).map(|region| {
            let role = if region.is_primary() { " (primary)" } else { "" };
            format!("{}{role}", region.name.value.as_str())
        });
        regions.collect::<Vec<_>>().join(", ")
    }

    fn gone(&mut self, outcome: &Outcome<'_>) {
        self.heading("\nGoes down");
        for region in outcome.lost.regions(self.plan) {
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
                let region = self.region(region).to_owned();
                let words = format!(
                    "The failover controller, which runs in {region} only. Nobody runs the steps of a switchover."
                );
                self.fill(2, &words);
            }
            Controller::Lives(_) | Controller::Off => {}
        }
    }

    fn fate(&mut self, outcome: &Outcome<'_>, fate: &Fate<'_>) {
        let tone = match (fate.is_met(), fate.status()) {
            (false, _) | (true, Status::Down | Status::Stranded) => AnsiColor::Red,
            (true, Status::Moves | Status::Degraded) => AnsiColor::Yellow,
            (true, Status::Unaffected) => AnsiColor::Green,
        };
        let title = format!("  {}: {}", fate.application.name.value, self.headline(fate));
        self.line(tone, &title);
        for sentence in self.sentences(outcome, fate) {
            self.fill(4, &sentence);
        }
    }

    /// `moves to hel1 within 70 s; rto 60s missed; rpo 5s met`.
    fn headline(&self, fate: &Fate<'_>) -> String {
        let what = match (fate.status(), fate.target(), fate.bound()) {
            (Status::Moves, Some(target), Some(bound)) => {
                let begins = if fate.waits_for_request() { ", once a person asks for it" } else { "" };
                format!("moves to {} within {bound} s{begins}", self.region(target))
            }
            (Status::Stranded, Some(target), _) => {
                format!(
                    "stranded: {} lives, and without a person nothing takes it there",
                    self.region(target)
                )
            }
            (status, _, _) => status.name().to_owned(),
        };
        let application = fate.application;
        let objective = |name, written: Option<String>, verdict: Option<Verdict>| {
            let word = match verdict? {
                Verdict::Met => "met",
                Verdict::Missed => "missed",
                Verdict::NotKnown => "not known",
            };
            Some(format!("; {name} {} {word}", written?))
        };
        let rto = objective("rto", application.rto.as_ref().map(|rto| rto.value.to_string()), fate.rto());
        let rpo = objective("rpo", application.rpo.as_ref().map(|rpo| rpo.value.to_string()), fate.rpo());
        [Some(what), rto, rpo].into_iter().flatten().collect()
    }

    /// What happens, step by step, and what is lost.
    fn sentences(&self, outcome: &Outcome<'_>, fate: &Fate<'_>) -> Vec<String> {
        let mut list = match &fate.course {
            Course::Unaffected => Vec::new(),
            Course::Weakened(weaknesses) => weaknesses.iter().map(|weakness| self.weakness(*weakness)).collect(),
            Course::Shrinks { dropped } => {
                vec![format!("It answers without {}.", self.regions(&fate.lost)), record(*dropped)]
            }
            Course::Switchover { .. } => {
                let steps: Vec<_> = fate.steps().iter().flatten().map(step).collect();
                vec![format!("The failover controller: {}.", steps.join(", "))]
            }
            Course::Blocked { .. } => vec![
                "The failover controller stops at validate-lease: the witness cannot say that the lease has run out."
                    .to_owned(),
            ],
            Course::Unattended { target, record: flip, data } => {
                vec![self.unattended(outcome), record(*flip), self.promotion(*target, *data)]
            }
            Course::Down(cause) => vec![self.cause(fate, *cause)],
        };
        let is_asked = !matches!(fate.status(), Status::Unaffected | Status::Down);
        list.extend(fate.witness.iter().filter(|_| is_asked).map(quorum));
        list.extend(loss(fate.loss).map(str::to_owned));
        list
    }

    fn weakness(&self, weakness: Weakness) -> String {
        match weakness {
            Weakness::StandbyLost(region) => format!("Its standby {} is lost.", self.region(region)),
            Weakness::NoStandby => "No standby remains: the next loss takes it down.".to_owned(),
            Weakness::ReplicaLost(mode) => {
                let waits = match mode {
                    Replication::Sync => " Commits wait for it, so writes may stand still until it is back.",
                    Replication::Async => "",
                };
                format!(
                    "The half of its database that follows is lost: nobody could take over the data.{waits}"
                )
            }
            Weakness::FollowerLost => {
                "What follows its Raft cluster is lost: nobody could take over the data.".to_owned()
            }
            Weakness::NoController => "The failover controller is lost: nobody would switch over.".to_owned(),
            Weakness::NoQuorum => "Its witness has no quorum: no switchover could begin.".to_owned(),
        }
    }

    fn unattended(&self, outcome: &Outcome<'_>) -> String {
        match outcome.controller {
            Controller::Lost(region) | Controller::Lives(region) => format!(
                "Nobody runs the seven steps: the failover controller runs in {} only, and is lost with it.",
                self.region(region)
            ),
            Controller::Off => "Nobody runs the seven steps: the failover controller is off.".to_owned(),
        }
    }

    fn promotion(&self, target: usize, data: Promotion) -> String {
        let region = self.region(target);
        match data {
            Promotion::Nothing => "It has no data that would have to be promoted.".to_owned(),
            Promotion::Promoter(seconds) => {
                format!("The database's own promoter in {region} promotes it within {seconds} s.")
            }
            Promotion::NoPromoter => {
                format!("No promoter runs with the database in {region}: a person has to promote it.")
            }
            Promotion::Raft => {
                format!("Its Raft cluster in {region} is promoted by a person, or not at all.")
            }
        }
    }

    fn cause(&self, fate: &Fate<'_>, cause: Cause) -> String {
        match cause {
            Cause::SingleRegion => {
                format!(
                    "It runs in {} only; nothing takes over.",
                    self.region(fate.application.primary.region)
                )
            }
            Cause::EveryRegion => format!("Every region of it is lost: {}.", self.regions(&fate.lost)),
            Cause::Data => {
                let first = fate.application.others.first().map(|seat| self.region(seat.region));
                format!(
                    "A standby lives and never had the data: that was in {} and {} only.",
                    self.region(fate.application.primary.region),
                    first.unwrap_or_default()
                )
            }
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
                format!("The name servers in {} all remain.", self.regions(left))
            }
            NameServers::Inside { left, lost } if left.is_empty() => {
                format!("Name servers were in {}: nobody answers for the zone.", self.regions(lost))
            }
            NameServers::Inside { left, lost } => {
                format!(
                    "Name servers are left in {}, and lost in {}.",
                    self.regions(left),
                    self.regions(lost)
                )
            }
        };
        self.fill(2, &servers);
    }

    fn row(&self, host: &Host) -> [String; 4] {
        [host.name.clone(), self.answer(&host.before), self.answer(&host.during), self.answer(&host.after)]
    }

    fn answer(&self, addresses: &[Address]) -> String {
        let of = |lives: bool| -> Vec<&str> {
            addresses.iter().filter(|a| a.lives == lives).map(|a| self.region(a.region)).collect()
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
                outcome.lost.regions(self.plan).map(|region| region.name.value.as_str()).collect();
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
        if outcome.is_met() {
            self.line(AnsiColor::Green, "Every objective can be met, as far as a plan shows.");
        } else {
            let words = format!("Objectives are {}.", objectives(outcome));
            self.line(AnsiColor::Red, &words);
        }
    }

    fn tail(&mut self, simulation: &Simulation<'_>) {
        let waiting: Vec<_> = simulation.without_address().collect();
        if !waiting.is_empty() {
            let regions = waiting.join(", ");
            self.fill(
                0,
                &format!("Records leave out {regions}: `observed.load-balancer-address` is not known yet."),
            );
        }
        self.heading("\nWhat this cannot know");
        for unknown in CANNOT_KNOW {
            self.fill(2, &format!("- {unknown}"));
        }
    }
}

/// `missed: shop rto, bank rto and rpo`.
fn objectives(outcome: &Outcome<'_>) -> String {
    let missed = |fate: &Fate<'_>| {
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
    if missed.is_empty() { "met".to_owned() } else { format!("missed: {}", missed.join(", ")) }
}

fn record(flip: Flip) -> String {
    match flip {
        Flip::Within(seconds) => format!(
            "Its record drops dead addresses within {seconds} s: {FAILED_CHECKS} failed checks, a timeout, the TTL."
        ),
        Flip::NotInAnswer => "Its record answers with another region.".to_owned(),
        Flip::NoHealthCheck => "It has no health check, so its record keeps dead addresses.".to_owned(),
        Flip::NoHost => "It has no host in the zone, so no record takes anybody elsewhere.".to_owned(),
    }
}

fn step(time: &StepTime) -> String {
    let name = time.step.name();
    match (time.step, time.seconds) {
        (_, None) => format!("{name} (as long as the data takes)"),
        (Step::FlipDns, Some(seconds)) => format!("{name} ≤ {seconds} s until old answers are gone"),
        (Step::Audit, Some(seconds)) => format!("{name} ≤ {seconds} s when it answers already"),
        (_, Some(0)) => name.to_owned(),
        (_, Some(seconds)) => format!("{name} ≤ {seconds} s"),
    }
}

fn quorum(witness: &Witness) -> String {
    let Some(kind) = witness.kind else { return "It has no witness.".to_owned() };
    let quorums = witness.quorums.iter().map(|quorum| {
        let of = quorum.of.replace('-', " ");
        format!("{} of {} {of} remain, {} are needed", quorum.left, quorum.voters, quorum.needed())
    });
    let quorums: Vec<_> = quorums.collect();
    if quorums.is_empty() {
        return format!("Its witness {kind} stands outside all regions.");
    }
    format!("Its witness {kind}: {}.", quorums.join("; "))
}

fn loss(loss: Loss) -> Option<&'static str> {
    match loss {
        Loss::Nothing => None,
        Loss::NothingInSync => Some("Nothing is lost as long as the replica was in sync."),
        Loss::Lag => Some("Lost is what the replica had not got yet."),
        Loss::Snapshot => Some("Lost is what came after the last snapshot."),
        Loss::Unreplicated => {
            Some("It keeps data, and nothing in the manifest takes them to another region.")
        }
        Loss::Everything => Some("Its data is lost with its regions, unless they come back."),
    }
}
