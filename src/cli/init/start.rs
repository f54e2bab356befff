//! The manifest that `sovereign init` writes: what every Sovereign says, and what most of them say next, as comments.

use std::error::Error;
use std::fmt::{self, Write as _};

use sovereign_language::cloud::{Cloud, Provider};
use sovereign_language::scalar::choice::Choice as _;

use super::Init;

/// Where every manifest's schema is published.
const SCHEMA: &str =
    "https://raw.githubusercontent.com/openova-io/sovereign/main/schema/sovereign.schema.json";
/// The zone of a Sovereign without a domain of its own.
const POOL: &str = "omani.works";

/// What the arguments ask for.
pub(super) struct Start<'a> {
    args: &'a Init,
    /// The kit to begin with.
    kit: &'static str,
    cloud: &'static Cloud,
    regions: Vec<Place>,
    size: &'a str,
}

/// Why arguments give no manifest to begin with.
#[derive(Debug)]
pub(super) enum StartError {
    /// The provider is not known.
    NoProvider,
    /// A size has to be said.
    NoSize(&'static Cloud),
    /// No region was asked for.
    NoRegion,
    /// Fewer regions are known than were asked for.
    TooFewKnown {
        /// The provider.
        cloud: &'static Cloud,
        /// How many are known.
        known: usize,
    },
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProvider => f.write_str("no such provider"),
            Self::NoSize(cloud) => {
                let (word, form) = (cloud.word, cloud.sizes.form);
                write!(f, "--size is needed: no machine of {word} is known, write {form}")
            }
            Self::NoRegion => f.write_str("a Sovereign has at least one region"),
            Self::TooFewKnown { cloud, known } => {
                let word = cloud.word;
                write!(
                    f,
                    "{known} regions of {word} are known here; give the names instead: `--regions NAME,NAME`"
                )
            }
        }
    }
}

impl Error for StartError {}

/// A region to begin with.
struct Place {
    name: String,
    /// Code and letter, where the naming convention has none.
    own: Option<(String, char)>,
}

impl<'a> Start<'a> {
    /// Understands the arguments.
    ///
    /// # Errors
    /// The provider has fewer regions that are known, or none, or no size that is known.
    pub(super) fn new(args: &'a Init, kit: &'static str) -> Result<Self, StartError> {
        let cloud = Provider::from_word(&args.provider).ok_or(StartError::NoProvider)?.cloud();
        let regions = places(cloud, &named(cloud, &args.regions)?);
        let size = args.size.as_deref().or(cloud.sizes.to_begin_with).ok_or(StartError::NoSize(cloud))?;
        Ok(Self { args, kit, cloud, regions, size })
    }

    /// Returns the text.
    pub(super) fn manifest(&self) -> String {
        let mut text = self.head();
        for (number, place) in self.regions.iter().enumerate() {
            text += &self.region(number, place);
        }
        text + &self.further()
    }

    fn head(&self) -> String {
        let name = quoted(&self.args.name);
        format!(
            "#:schema {SCHEMA}\n\n\
             # A Sovereign to begin with. `sovereign check` says what is wrong, `sovereign explain CODE` says why, and an\n\
             # editor that reads JSON Schema completes every key.\n\n\
             kit = \"{kit}\"                         # the blueprints: `sovereign kit show {kit}`\n\n\
             [sovereign]\n\
             name = {name}                   # 3 to 32 characters; in pool mode the first label of the domain\n\
             env = \"prod\"                            # prod | stg | uat | dev | poc\n\
             organization = {{ name = \"My Organization\", email = \"ops@example.com\" }}\n\n\
             {domain}\n\
             [gitops]                                # where Flux reads the tree\n\
             url = \"https://github.com/example/sovereigns\"\n\
             branch = \"main\"\n\n\
             [[accept]]                              # remove it once the regions below have their `observed`\n\
             finding = \"missing-observed-fact\"\n\
             at = \"region\"\n\
             reason = \"the machines are not made yet\"\n",
            kit = self.kit,
            domain = self.domain(),
        )
    }

    fn domain(&self) -> String {
        match (&self.args.domain, &self.args.registrar) {
            (None, _) => format!(
                "[domain]\n\
                 mode = \"pool\"                           # or a domain of your own: byo-manual and byo-api, with `fqdn`\n\
                 parent = \"{POOL}\"\n"
            ),
            (Some(fqdn), None) => format!(
                "[domain]\n\
                 mode = \"byo-manual\"                     # you paste the name servers that the tree's README names\n\
                 fqdn = {}\n",
                quoted(fqdn)
            ),
            (Some(fqdn), Some(registrar)) => format!(
                "[domain]\n\
                 mode = \"byo-api\"                        # the registrar's API writes the name servers\n\
                 fqdn = {}\n\
                 registrar = {}\n\
                 credentials = {{ secret = \"registrar-token\", key = \"token\" }}\n",
                quoted(fqdn),
                quoted(registrar)
            ),
        }
    }

    fn region(&self, number: usize, place: &Place) -> String {
        let (word, size) = (quoted(self.cloud.word), quoted(self.size));
        let mut text = String::from("\n[[region]]");
        text += match (number, self.regions.len()) {
            (0, 2..) => "                              # the first is the primary: it runs the control plane",
            (1, _) => {
                "                              # add regions at the end; where one goes, those behind it keep their number by `index`"
            }
            (..) => "",
        };
        // Writing into a `String` cannot fail.
        let _ = write!(text, "\nname = {}\nprovider = {word}", quoted(&place.name));
        if number == 0 {
            let _ = write!(text, "                    # {}", Provider::WORDS.join(" | "));
        }
        if let Some((code, letter)) = &place.own {
            let _ = write!(
                text,
                "\ncode = {}                            # names are made of both: keep them for ever\nletter = \"{letter}\"",
                quoted(code)
            );
        }
        let _ = write!(text, "\ncontrol-plane = {{ size = {size} }}");
        if number == 0 {
            text += "      # `count = 3` for several machines in the primary";
        }
        let _ = writeln!(text, "\nworkers = {{ size = {size}, count = 3 }}");
        if number == 0 {
            text +=
                "# observed = { load-balancer-address = \"203.0.113.10\" }     # once it is provisioned\n";
        }
        text
    }

    /// Returns what has defaults, as comments.
    fn further(&self) -> String {
        let class = self.cloud.storage_classes.last().map(|class| format!("# class = \"{class}\"\n"));
        let first = self.regions.first().map(|place| place.name.as_str()).unwrap_or_default();
        let endpoint = self.cloud.object_storage.and_then(|hosts| hosts.endpoint(first));
        let object = endpoint.map(|endpoint| {
            format!(
                "# object = {{ endpoint = \"{endpoint}\", bucket = \"my-sovereign-cold\", region = \"{first}\", credentials = {{ secret = \"object-storage\" }} }}\n"
            )
        });
        let project = (self.cloud.word == "hetzner").then_some("# hetzner-project = \"1234567\"\n");
        format!(
            "\n# Everything below has defaults. Uncomment what you change.\n\n\
             # [topology]\n\
             # contract = \"a4\"                       # a4 | symmetric | none\n\n\
             # [identity]\n\
             # keycloak = \"per-organization\"         # per-organization | shared-sovereign\n\n\
             # [tls]\n\
             # issuer = \"lets-encrypt\"               # lets-encrypt | lets-encrypt-staging | corporate-ca\n\n\
             # [storage]\n{}{}\
             # backup = {{ schedule = \"daily\", retention = \"30d\" }}\n\n\
             # [provisioning]                        # how the machines are made\n\
             # ssh-allowed-cidrs = [\"203.0.113.0/24\"]\n{}\n\
             # [blueprint.netbird]                   # any blueprint of the kit, by its name without bp-\n\
             # enabled = true\n",
            class.unwrap_or_default(),
            object.unwrap_or_default(),
            project.unwrap_or_default(),
        )
    }
}

/// Returns the names that a number or a list asks for.
fn named(cloud: &'static Cloud, asked: &str) -> Result<Vec<String>, StartError> {
    let Ok(count) = asked.parse::<usize>() else {
        return Ok(asked.split(',').map(|name| name.trim().to_owned()).collect());
    };
    // Regions that share a code cannot stand side by side, so one name of each.
    let known: Vec<_> = cloud.regions.iter().filter_map(|region| region.names.first()).collect();
    match count {
        0 => Err(StartError::NoRegion),
        count if known.is_empty() || count > known.len() => {
            Err(StartError::TooFewKnown { cloud, known: known.len() })
        }
        count => Ok(known.iter().take(count).map(|name| (**name).to_owned()).collect()),
    }
}

/// Gives each region what it needs of its own where the naming convention has nothing for it.
fn places(cloud: &Cloud, names: &[String]) -> Vec<Place> {
    let mut taken = Vec::new();
    let mut letters = Vec::new();
    let mut place = |name: &String| {
        let own = cloud.region(name).is_none().then(|| {
            let code = code(name, &taken);
            let letter = name.chars().chain('a'..='z').filter(char::is_ascii_lowercase);
            let letter = letter.into_iter().find(|letter| !letters.contains(letter)).unwrap_or('a');
            taken.push(code.clone());
            letters.push(letter);
            (code, letter)
        });
        Place { name: name.clone(), own }
    };
    names.iter().map(&mut place).collect()
}

/// Returns a code of three letters that is not taken: `euc` of `eu-central-1`, `wes` of `westeurope`.
fn code(name: &str, taken: &[String]) -> String {
    let mut parts = name.split(|c: char| !c.is_ascii_lowercase()).filter(|part| !part.is_empty());
    let (first, second) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let begin: String =
        first.chars().take(if second.is_empty() { 3 } else { 2 }).chain(second.chars().take(1)).collect();
    let further = ('a'..='z').map(|letter| format!("{}{letter}", begin.get(..2).unwrap_or(&begin)));
    std::iter::once(begin.clone()).chain(further).find(|code| !taken.contains(code)).unwrap_or(begin.clone())
}

/// Returns a text as TOML writes it; JSON's escapes are among TOML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_differ_and_are_made_of_the_name() {
        let names = ["eu-central-1", "eu-central-2", "westeurope", "us-east-1"].map(str::to_owned);
        let cloud = Provider::from_word("aws").expect("a provider").cloud();
        let codes: Vec<_> = places(cloud, &names).into_iter().filter_map(|place| place.own).collect();
        let expected = [("euc", 'e'), ("eua", 'u'), ("wes", 'w'), ("use", 's')];
        assert_eq!(codes, expected.map(|(code, letter)| (code.to_owned(), letter)));
    }
}
