//! No output shows a secret, whatever else is wrong on its line.

use sovereign_compile::{Input, Kits, Source, SourceMap, compile};
use sovereign_text::diag::human::Style;
use sovereign_text::diag::{Code, Diagnostics, github, human, json, sarif, short};

/// A manifest that is right, but for the lines that are put in.
const REST: &str = r#"
kit = "2026.05"
sovereign = { name = "first", organization = { name = "First", email = "ops@example.com" } }
domain = { mode = "pool", parent = "omani.works" }
region = [{ name = "fsn1", provider = "hetzner", control-plane.size = "cpx32" }]
"#;

/// Returns everything that is said of a manifest, in all formats.
fn said(text: &str) -> String {
    let manifest = Source::manifest("sovereign.toml", text.as_bytes().to_vec());
    let manifest = manifest.unwrap_or_else(|(fault, _)| panic!("{fault:?}"));
    let (input, kits) = (Input::new(manifest), Kits::embedded());
    let mut diags = Diagnostics::new();
    compile(&input, &kits, &mut diags).ok();
    let sources = SourceMap { input: &input, kits: &kits };
    let human =
        [40, 80, 200].map(|width| human::render(&diags, &sources, Style { color: width == 80, width }));
    let others = [
        short::render(&diags, &sources),
        json::render(&diags, &sources),
        sarif::render(&diags, &sources),
        github::render(&diags, &sources),
    ];
    human.concat() + &others.concat()
}

#[test]
fn no_format_shows_a_secret() {
    let git = "gitops.url = \"https://github.com/example/sovereigns\"\n";
    let password = ["Tr0ub4", "dor&3xx"].concat();
    let token = format!("{}_{}", "ghp", "a1B2c3D4e5F6g7H8".repeat(3));
    let long = "a1B2c3D4e5F6g7H8".repeat(40);
    let secrets = [password.as_str(), &token, &long];
    let encoded = "Ym90OlRyMHViNGRvciYzeHh4eHh4";
    for secret in secrets {
        for text in [
            // A URL that its grammar refuses as well.
            format!("gitops.url = \"https://bob:{secret}@github.com/example/sovereigns\"\n{REST}"),
            format!("gitops.url = \"http://bob:{secret}@github.com/x y\"\n{REST}"),
            // An unknown key, a wrong type and another finding on the same line.
            format!("{git}{REST}\nsovereign-password = \"{secret}\"\n"),
            format!("{git}{REST}\nflux = {{ shards = \"{secret}\", token = \"{secret}\" }}\n"),
            format!("{git}{REST}\nidentity = {{ keycloak = \"x\", password = \"{secret}\" }}\n"),
            format!("{git}{REST}\nblueprint.lokki.values.password = \"{secret}\"\n"),
            format!(
                "{git}{REST}\nblueprint.loki = {{ versio = \"1\", values.db.password = \"{secret}\" }}\n"
            ),
            // No TOML.
            format!("{git}{REST}\nx = {{ password = \"{secret}\" \n"),
            format!("{git}{REST}\npassword = \"{secret}\" \"\n"),
            // Behind something.
            format!("{git}{REST}\nblueprint.loki.values.x = \"\"\"\npassword: {secret}\n\"\"\"\n"),
            format!("{git}{REST}\nblueprint.loki.values.x = '{{\"password\": \"{secret}\"}}'\n"),
            format!(
                "{git}{REST}\nblueprint.loki.values.env = [{{ name = \"DB_PASSWORD\", value = \"{secret}\" }}]\n"
            ),
            format!("{git}{REST}\n# password: {secret}\n"),
        ] {
            let said = said(&text);
            assert!(said.contains("secret-literal"), "{text}\n{said}");
            assert!(!said.contains(secret), "{text}\n{said}");
            let head: String = secret.chars().take(10).collect();
            assert!(!said.contains(&head), "{text}\n{said}");
        }
    }
    let said = said(&format!("{git}{REST}\nblueprint.loki.values.auth = \"{encoded}\"\n"));
    assert!(said.contains("secret-literal") && !said.contains(&encoded[..10]), "{said}");
}

#[test]
fn a_number_that_is_a_password_is_in_no_fix() {
    let said =
        said(&format!("gitops.url = \"https://a.example/b\"\n{REST}\nidentity.admin-password = 20261130\n"));
    assert!(said.contains("secret-literal") && !said.contains("20261130"), "{said}");
}

#[test]
fn the_readme_of_a_tree_lists_what_is_accepted() {
    let accepts = "[[accept]]\nfinding = \"secret-literal\"\nat = \"blueprint.loki.values.password\"\nreason = \"a | b\"\n";
    let text = format!(
        "gitops.url = \"https://a.example/b\"\n{REST}\nblueprint.loki.values.password = \"x\"\n{accepts}"
    );
    let manifest = Source::manifest("sovereign.toml", text.into_bytes()).expect("text");
    let (mut diags, kits) = (Diagnostics::new(), Kits::embedded());
    let tree = compile(&Input::new(manifest), &kits, &mut diags);
    let tree = tree.unwrap_or_else(|_| panic!("{:?}", diags.sorted()));
    let codes: Vec<_> = diags.sorted().iter().map(|finding| finding.code).collect();
    assert!(!codes.contains(&Code::SecretLiteral) && !codes.contains(&Code::AcceptUnused), "{codes:?}");
    let readme = tree.files().iter().find(|(path, _)| path.as_str() == "README.md").expect("a README").1;
    let row = "| `secret-literal` | `blueprint.loki.values.password` | a \\| b |";
    assert!(readme.lines().any(|line| line == row), "{readme}");
}
