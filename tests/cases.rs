//! Cases as data: golden trees, findings, kits. One named test each, so filters work: `cargo test --test cases ui::`.
//!
//! `BLESS=1` writes what is expected instead of comparing with it; where `CI` is set it refuses.

use std::process::ExitCode;

use libtest_mimic::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    if cases::expected::is_blessing() && std::env::var_os("CI").is_some() {
        cases::expected::refuse();
        return ExitCode::FAILURE;
    }
    let mut trials = cases::golden::trials();
    trials.extend(cases::ui::trials());
    trials.extend(cases::transition::trials());
    trials.extend(cases::diff::trials());
    trials.extend(cases::simulate::trials());
    trials.extend(cases::codes::trials());
    trials.extend(cases::desk::trials());
    trials.extend(cases::fixes::trials());
    trials.extend(cases::kits::trials());
    trials.extend(cases::needs::trials());
    libtest_mimic::run(&arguments, trials).exit_code()
}

#[cfg(test)]
mod cases {
    pub(crate) mod case;
    pub(crate) mod codes;
    pub(crate) mod compiled;
    pub(crate) mod desk;
    pub(crate) mod diff;
    pub(crate) mod expected;
    pub(crate) mod fixes;
    pub(crate) mod golden;
    pub(crate) mod kits;
    pub(crate) mod needs;
    pub(crate) mod published;
    pub(crate) mod simulate;
    pub(crate) mod transition;
    pub(crate) mod ui;
}
