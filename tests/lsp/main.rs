//! The language server, over the standard streams of the real program: every request, with what is answered.

#![expect(clippy::disallowed_methods, reason = "this client has files and measures time")]
#![expect(clippy::needless_pass_by_value, reason = "what is said is written where it is said")]
#![expect(clippy::print_stderr, reason = "a test program speaks on standard error")]

use std::process::ExitCode;
use std::sync::atomic::Ordering;

use libtest_mimic::{Arguments, Trial};

#[cfg(test)]
mod client;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod session;
#[cfg(test)]
mod speed;

/// Names the trials after their functions.
macro_rules! trials {
    ($($module:ident { $($name:ident,)+ })+) => {
        vec![$($(Trial::test(concat!(stringify!($module), "::", stringify!($name)), || {
            $module::$name();
            Ok(())
        }),)+)+]
    };
}

fn main() -> ExitCode {
    let trials = trials! {
        requests {
            it_says_what_it_can_do,
            findings_come_while_one_types,
            places_are_counted_as_the_editor_counts,
            only_the_newest_text_is_judged,
            quick_fixes_mend_what_was_found,
            completion_knows_keys,
            completion_knows_words_and_names,
            completion_knows_helm_values_of_the_locked_charts,
            completion_goes_on_in_a_broken_text,
            hover_says_what_a_key_is_and_becomes,
            definitions_are_found_across_files,
            blueprints_lead_to_their_entry_in_a_kit_of_ones_own,
            keys_lead_to_the_files_of_the_tree_that_follow,
            references_are_found_in_all_files,
            renames_reach_all_files_and_leave_a_manifest_that_is_right,
            hints_show_what_nobody_wrote,
            symbols_and_folds_follow_the_tables,
            formatting_is_what_fmt_does,
            files_beside_the_manifest_are_judged_with_it,
        }
        hostile {
            what_is_no_message_is_answered_with_an_error,
            wrong_parameters_are_answered_with_an_error,
            no_place_of_any_text_is_too_much,
            whoever_leaves_without_a_word_is_not_waited_for,
        }
        session {
            the_page_is_what_is_said,
        }
        speed {
            three_regions,
            organizations_with_files_of_their_own,
            organizations_in_the_manifest,
        }
    };
    let arguments = Arguments::from_args();
    let conclusion = libtest_mimic::run(&arguments, trials);
    let methods = client::METHODS.lock().map(|methods| methods.len()).unwrap_or_default();
    eprintln!("{} requests of {methods} methods were answered", client::REQUESTS.load(Ordering::Relaxed));
    conclusion.exit_code()
}
