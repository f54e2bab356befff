//! Tests that speak with programs which a machine may lack: Chromium, OpenSSH, PowerDNS and a registry.
//!
//! Where one is missing, its tests are listed as ignored, with the packages that they need; where `CI` is set they fail.

#![expect(clippy::disallowed_methods, reason = "these tests look at the disk")]

use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

#[cfg(test)]
#[allow(dead_code, reason = "the tests of Git use more of their bench than these do")]
#[path = "../it/git/bench.rs"]
mod bench;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod name_servers;
#[cfg(test)]
mod powerdns;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod ssh;

/// What a test needs of the machine.
#[derive(Clone, Copy)]
struct Needs {
    /// Programs on the `PATH`, and files by their whole path.
    here: &'static [&'static str],
    /// The Debian packages that have them.
    packages: &'static str,
}

impl Needs {
    /// The first that is missing.
    fn missing(self) -> Option<&'static str> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = |name: &str| {
            if name.starts_with('/') {
                Path::new(name).exists()
            } else {
                std::env::split_paths(&path).any(|directory| directory.join(name).exists())
            }
        };
        self.here.iter().copied().find(|name| !found(name))
    }
}

fn trial(name: &str, needs: Needs, test: fn()) -> Trial {
    let Some(missing) = needs.missing() else {
        return Trial::test(name, move || {
            test();
            Ok(())
        });
    };
    let words = format!("`{missing}` is missing; install {}", needs.packages);
    let trial = Trial::test(name, move || Err(Failed::from(words)));
    trial.with_kind(format!("needs {}", needs.packages)).with_ignored_flag(std::env::var_os("CI").is_none())
}

fn main() -> ExitCode {
    let trials = vec![
        trial("browser::the_page_is_read_clicked_and_searched", browser::NEEDS, || {
            browser::the_page_is_read_clicked_and_searched();
        }),
        trial("browser::a_page_of_two_thousand_nodes_does_not_stutter", browser::NEEDS, || {
            browser::a_page_of_two_thousand_nodes_does_not_stutter();
        }),
        trial("powerdns::the_zone_answers_and_follows_the_regions", powerdns::NEEDS, || {
            powerdns::the_zone_answers_and_follows_the_regions();
        }),
        trial("name_servers::one_key_and_one_writer_serve_one_zone_alike", name_servers::NEEDS, || {
            name_servers::one_key_and_one_writer_serve_one_zone_alike();
        }),
        trial(
            "name_servers::the_copied_key_validates_and_a_challenge_stays_where_it_was_written",
            name_servers::NEEDS,
            || {
                name_servers::the_copied_key_validates_and_a_challenge_stays_where_it_was_written();
            },
        ),
        trial(
            "registry::a_kit_is_pushed_pulled_and_compiled_offline_to_the_same_bytes",
            registry::NEEDS,
            || {
                registry::a_kit_is_pushed_pulled_and_compiled_offline_to_the_same_bytes();
            },
        ),
        trial("registry::what_a_registry_refuses_is_said_and_nothing_is_kept", registry::NEEDS, || {
            registry::what_a_registry_refuses_is_said_and_nothing_is_kept();
        }),
        trial("registry::a_kit_is_locked_from_a_registry_as_from_a_directory", registry::NEEDS, || {
            registry::a_kit_is_locked_from_a_registry_as_from_a_directory();
        }),
        trial(
            "registry::a_chart_is_locked_from_the_repository_that_its_blueprint_names",
            registry::NEEDS,
            || {
                registry::a_chart_is_locked_from_the_repository_that_its_blueprint_names();
            },
        ),
        trial("registry::the_page_about_ones_own_kit_is_true", registry::NEEDS, || {
            registry::the_page_about_ones_own_kit_is_true();
        }),
        trial("ssh::a_push_gives_the_id_that_one_over_file_gives", ssh::NEEDS, || {
            ssh::a_push_gives_the_id_that_one_over_file_gives();
        }),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
