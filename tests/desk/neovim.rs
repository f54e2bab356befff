//! The lines that docs/editors.md has for Neovim, in a real one.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Waits for findings and prints them, each with its line.
const PRINT: &str = r#"
vim.wait(60000, function() return #vim.diagnostic.get(0) > 0 end, 50)
for _, found in ipairs(vim.diagnostic.get(0)) do
  io.stdout:write((found.lnum + 1) .. " " .. tostring(found.code) .. "\n")
end
vim.cmd("qall!")
"#;

/// Returns the block of the page that older ones take too.
fn documented(root: &Path) -> String {
    let page = fs::read_to_string(root.join("docs/editors.md")).expect("reads");
    let blocks = page.split("```lua\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.map(str::to_owned).find(|block| block.contains("start_client")).expect("a block for older ones")
}

#[test]
fn a_mistake_is_shown_in_neovim() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directory = tempfile::tempdir().expect("a directory");
    let place = |name: &str| directory.path().join(name);
    fs::write(place("init.lua"), documented(root)).expect("writes");
    fs::write(place("print.lua"), PRINT).expect("writes");
    let manifest = fs::read_to_string(root.join("examples/omantel.toml")).expect("reads");
    let line = manifest.lines().position(|line| line.starts_with("kit = ")).expect("a kit") + 1;
    let wrong = manifest.replacen("kit = \"2026.04\"", "kit = \"2026.99\"", 1);
    assert_ne!(wrong, manifest);
    fs::write(place("sovereign.toml"), wrong).expect("writes");
    let program = Path::new(env!("CARGO_BIN_EXE_sovereign")).parent().expect("a directory");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").expect("a path"));
    let output = Command::new("nvim")
        .args(["--headless", "-n", "-u", "init.lua", "sovereign.toml"])
        // Older ones do not know the ending by themselves.
        .args(["-c", "set filetype=toml", "-c", "luafile print.lua"])
        .env("PATH", path)
        .env("HOME", directory.path())
        .current_dir(directory.path())
        .output()
        .unwrap_or_else(|error| panic!("nvim (`.ci/run` installs it): {error}"));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.contains(&format!("{line} malformed-value")),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
