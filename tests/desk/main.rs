//! What authors and reviewers see at their desks: the program as they run it.
#![expect(clippy::disallowed_methods, reason = "these tests look at the disk")]

#[cfg(test)]
mod completions;
#[cfg(test)]
mod neovim;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod progress;
#[cfg(test)]
mod reviews;

#[cfg(test)]
mod run {
    //! Running the program.

    use std::path::Path;
    use std::process::Command;

    /// Returns a command of the program at the root of this repository.
    pub(crate) fn sovereign(args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sovereign"));
        command.args(args).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")));
        command
    }

    /// Returns what it prints for people and programs.
    pub(crate) fn printed(args: &[&str]) -> String {
        let output = sovereign(args).output().expect("runs");
        String::from_utf8(output.stdout).expect("text")
    }
}
