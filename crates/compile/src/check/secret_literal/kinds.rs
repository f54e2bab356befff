//! Secrets that say what they are, by their beginning or their form. A table: each row has the fact that it rests on.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::random;

/// A part of a text that is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    /// What it is: `a GitHub token`.
    pub(super) what: &'static str,
    /// Where it stands.
    pub(super) at: Range<usize>,
    /// How much of that is shown as its place: the first line of a private key.
    pub(super) shown: Range<usize>,
}

/// Which characters the random part of a token has.
#[derive(Clone, Copy, Debug)]
enum Chars {
    Digits,
    Hex,
    Upper,
    Alnum,
    /// Letters, digits and `_`.
    Word,
    /// The alphabet of base64 for URLs.
    Url,
    /// The same and dots: tokens of several parts.
    Dotted,
    /// The alphabet of base64.
    Base64,
    /// The alphabet of crypt(5) and its separators.
    Crypt,
    /// Letters, digits, `_` and `$`.
    Dollar,
    /// What a path of a URL has.
    Path,
}

use Chars::{Alnum, Base64, Crypt, Digits, Dollar, Dotted, Hex, Path, Upper, Url, Word};

impl Chars {
    fn hold(self, byte: u8) -> bool {
        match self {
            Digits => byte.is_ascii_digit(),
            Hex => byte.is_ascii_hexdigit(),
            Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Alnum => byte.is_ascii_alphanumeric(),
            Word => byte.is_ascii_alphanumeric() || byte == b'_',
            Url => byte.is_ascii_alphanumeric() || b"_-".contains(&byte),
            Dotted => byte.is_ascii_alphanumeric() || b"_-.".contains(&byte),
            Base64 => byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte),
            Crypt => byte.is_ascii_alphanumeric() || b"./$=,+".contains(&byte),
            Dollar => byte.is_ascii_alphanumeric() || b"_$".contains(&byte),
            Path => byte.is_ascii_alphanumeric() || b"_-/.@?=&%".contains(&byte),
        }
    }
}

/// A token that begins with a word of its own.
struct Prefix {
    text: &'static str,
    chars: Chars,
    /// How many characters follow at least.
    least: usize,
    what: &'static str,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the fact that the row rests on, for whoever reads or checks it")
    )]
    source: &'static str,
}

/// A token with a form of its own.
struct Form {
    parts: &'static [Part],
    what: &'static str,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the fact that the row rests on, for whoever reads or checks it")
    )]
    source: &'static str,
}

enum Part {
    Text(&'static str),
    /// So many characters at least and at most.
    Run(Chars, usize, usize),
}

use Part::{Run, Text};

#[rustfmt::skip]
const PREFIXES: &[Prefix] = &[
    Prefix { text: "AKIA", chars: Upper, least: 16, what: "an AWS access key", source: "gitleaks aws-access-token" },
    Prefix { text: "ASIA", chars: Upper, least: 16, what: "an AWS session key", source: "gitleaks aws-access-token" },
    Prefix { text: "ABIA", chars: Upper, least: 16, what: "an AWS bearer token", source: "gitleaks aws-access-token" },
    Prefix { text: "ACCA", chars: Upper, least: 16, what: "an AWS context key", source: "gitleaks aws-access-token" },
    Prefix { text: "ABSK", chars: Base64, least: 60, what: "an AWS Bedrock key", source: "gitleaks aws-amazon-bedrock-api-key-long-lived" },
    Prefix { text: "LTAI", chars: Alnum, least: 16, what: "an Alibaba Cloud access key", source: "gitleaks alibaba-access-key-id" },
    Prefix { text: "AKID", chars: Alnum, least: 32, what: "a Tencent Cloud key", source: "trufflehog tencent" },
    Prefix { text: "AIza", chars: Url, least: 30, what: "a Google API key", source: "gitleaks gcp-api-key" },
    Prefix { text: "GOCSPX-", chars: Url, least: 20, what: "a Google client secret", source: "trufflehog googleoauth2" },
    Prefix { text: "ya29.", chars: Dotted, least: 30, what: "a Google access token", source: "trufflehog googleoauth2" },
    Prefix { text: "dop_v1_", chars: Hex, least: 40, what: "a DigitalOcean token", source: "gitleaks digitalocean-pat" },
    Prefix { text: "doo_v1_", chars: Hex, least: 40, what: "a DigitalOcean token", source: "gitleaks digitalocean-access-token" },
    Prefix { text: "dor_v1_", chars: Hex, least: 40, what: "a DigitalOcean token", source: "gitleaks digitalocean-refresh-token" },
    Prefix { text: "HRKU-AA", chars: Url, least: 40, what: "a Heroku key", source: "gitleaks heroku-api-key-v2" },
    Prefix { text: "fo1_", chars: Url, least: 40, what: "a Fly.io token", source: "gitleaks flyio-access-token" },
    Prefix { text: "fm1r_", chars: Base64, least: 60, what: "a Fly.io token", source: "gitleaks flyio-access-token" },
    Prefix { text: "fm2_", chars: Base64, least: 60, what: "a Fly.io token", source: "gitleaks flyio-access-token" },
    Prefix { text: "nfp_", chars: Alnum, least: 30, what: "a Netlify token", source: "gitleaks netlify-access-token" },
    Prefix { text: "tskey-", chars: Url, least: 20, what: "a Tailscale key", source: "trufflehog tailscale" },
    Prefix { text: "pscale_", chars: Dotted, least: 32, what: "a PlanetScale token", source: "gitleaks planetscale-api-token, planetscale-password" },
    Prefix { text: "dapi", chars: Hex, least: 32, what: "a Databricks token", source: "gitleaks databricks-api-token" },
    Prefix { text: "pul-", chars: Hex, least: 40, what: "a Pulumi token", source: "gitleaks pulumi-api-token" },
    Prefix { text: "v1.0-", chars: Url, least: 100, what: "a Cloudflare key", source: "gitleaks cloudflare-origin-ca-key" },
    Prefix { text: "sbp_", chars: Hex, least: 40, what: "a Supabase token", source: "trufflehog supabasetoken" },
    Prefix { text: "sb_secret_", chars: Word, least: 20, what: "a Supabase key", source: "Supabase, API keys" },
    Prefix { text: "ghp_", chars: Alnum, least: 30, what: "a GitHub token", source: "gitleaks github-pat" },
    Prefix { text: "gho_", chars: Alnum, least: 30, what: "a GitHub token", source: "gitleaks github-oauth" },
    Prefix { text: "ghu_", chars: Alnum, least: 30, what: "a GitHub token", source: "gitleaks github-app-token" },
    Prefix { text: "ghs_", chars: Alnum, least: 30, what: "a GitHub token", source: "gitleaks github-app-token" },
    Prefix { text: "ghr_", chars: Alnum, least: 30, what: "a GitHub token", source: "gitleaks github-refresh-token" },
    Prefix { text: "github_pat_", chars: Word, least: 40, what: "a GitHub token", source: "gitleaks github-fine-grained-pat" },
    Prefix { text: "glpat-", chars: Dotted, least: 20, what: "a GitLab token", source: "gitleaks gitlab-pat" },
    Prefix { text: "gldt-", chars: Url, least: 20, what: "a GitLab token", source: "gitleaks gitlab-deploy-token" },
    Prefix { text: "glrt-", chars: Dotted, least: 20, what: "a GitLab runner token", source: "gitleaks gitlab-runner-authentication-token" },
    Prefix { text: "glptt-", chars: Url, least: 20, what: "a GitLab token", source: "gitleaks gitlab-ptt" },
    Prefix { text: "glft-", chars: Url, least: 20, what: "a GitLab token", source: "gitleaks gitlab-feed-token" },
    Prefix { text: "glffct-", chars: Url, least: 20, what: "a GitLab token", source: "gitleaks gitlab-feature-flag-client-token" },
    Prefix { text: "glimt-", chars: Url, least: 20, what: "a GitLab token", source: "gitleaks gitlab-incoming-mail-token" },
    Prefix { text: "glagent-", chars: Url, least: 40, what: "a GitLab token", source: "gitleaks gitlab-kubernetes-agent-token" },
    Prefix { text: "glcbt-", chars: Url, least: 20, what: "a GitLab token", source: "gitleaks gitlab-cicd-job-token" },
    Prefix { text: "gloas-", chars: Url, least: 40, what: "a GitLab secret", source: "gitleaks gitlab-oauth-app-secret" },
    Prefix { text: "glsoat-", chars: Url, least: 20, what: "a GitLab token", source: "gitleaks gitlab-scim-token" },
    Prefix { text: "GR1348941", chars: Url, least: 20, what: "a GitLab runner token", source: "gitleaks gitlab-rrt" },
    Prefix { text: "_gitlab_session=", chars: Alnum, least: 32, what: "a GitLab session", source: "gitleaks gitlab-session-cookie" },
    Prefix { text: "ATBB", chars: Alnum, least: 28, what: "a Bitbucket password", source: "trufflehog bitbucketapppassword" },
    Prefix { text: "ATATT3", chars: Url, least: 60, what: "an Atlassian token", source: "gitleaks atlassian-api-token" },
    Prefix { text: "ATCTT3", chars: Url, least: 60, what: "an Atlassian token", source: "trufflehog bitbucketdatacenter" },
    Prefix { text: "npm_", chars: Alnum, least: 30, what: "an npm token", source: "gitleaks npm-access-token" },
    Prefix { text: "pypi-AgE", chars: Url, least: 30, what: "a PyPI token", source: "gitleaks pypi-upload-token" },
    Prefix { text: "rubygems_", chars: Hex, least: 40, what: "a RubyGems token", source: "gitleaks rubygems-api-token" },
    Prefix { text: "CLOJARS_", chars: Alnum, least: 50, what: "a Clojars token", source: "gitleaks clojars-api-token" },
    Prefix { text: "dckr_pat_", chars: Url, least: 20, what: "a Docker token", source: "trufflehog dockerhub" },
    Prefix { text: "dckr_oat_", chars: Url, least: 20, what: "a Docker token", source: "trufflehog dockerhub" },
    Prefix { text: "AKCp", chars: Alnum, least: 60, what: "an Artifactory key", source: "gitleaks artifactory-api-key" },
    Prefix { text: "cmVmd", chars: Alnum, least: 59, what: "an Artifactory token", source: "gitleaks artifactory-reference-token" },
    Prefix { text: "sgp_", chars: Word, least: 40, what: "a Sourcegraph token", source: "gitleaks sourcegraph-access-token" },
    Prefix { text: "sqp_", chars: Hex, least: 40, what: "a SonarQube token", source: "SonarQube, types of tokens" },
    Prefix { text: "squ_", chars: Hex, least: 40, what: "a SonarQube token", source: "SonarQube, types of tokens" },
    Prefix { text: "sqa_", chars: Hex, least: 40, what: "a SonarQube token", source: "SonarQube, types of tokens" },
    Prefix { text: "bkua_", chars: Hex, least: 40, what: "a Buildkite token", source: "trufflehog buildkite" },
    Prefix { text: "CCIPAT_", chars: Word, least: 40, what: "a CircleCI token", source: "trufflehog circleci" },
    Prefix { text: "PMAK-", chars: Url, least: 40, what: "a Postman key", source: "gitleaks postman-api-token" },
    Prefix { text: "API-", chars: Upper, least: 26, what: "an Octopus Deploy key", source: "gitleaks octopus-deploy-api-key" },
    Prefix { text: "pnu_", chars: Alnum, least: 30, what: "a Prefect token", source: "gitleaks prefect-api-token" },
    Prefix { text: "ico-", chars: Alnum, least: 32, what: "an Infracost token", source: "gitleaks infracost-api-token" },
    Prefix { text: "xoxa-", chars: Url, least: 15, what: "a Slack token", source: "gitleaks slack-legacy-workspace-token" },
    Prefix { text: "xoxb-", chars: Url, least: 15, what: "a Slack token", source: "gitleaks slack-bot-token" },
    Prefix { text: "xoxc-", chars: Url, least: 15, what: "a Slack token", source: "trufflehog slack" },
    Prefix { text: "xoxd-", chars: Url, least: 15, what: "a Slack cookie", source: "trufflehog slack" },
    Prefix { text: "xoxe-", chars: Url, least: 15, what: "a Slack token", source: "gitleaks slack-config-refresh-token" },
    Prefix { text: "xoxe.", chars: Dotted, least: 15, what: "a Slack token", source: "gitleaks slack-config-access-token" },
    Prefix { text: "xoxo-", chars: Url, least: 15, what: "a Slack token", source: "gitleaks slack-legacy-token" },
    Prefix { text: "xoxp-", chars: Url, least: 15, what: "a Slack token", source: "gitleaks slack-user-token" },
    Prefix { text: "xoxr-", chars: Url, least: 15, what: "a Slack token", source: "gitleaks slack-legacy-workspace-token" },
    Prefix { text: "xoxs-", chars: Url, least: 15, what: "a Slack token", source: "gitleaks slack-legacy-token" },
    Prefix { text: "xapp-", chars: Url, least: 15, what: "a Slack token", source: "gitleaks slack-app-token" },
    Prefix { text: "lin_api_", chars: Alnum, least: 30, what: "a Linear key", source: "gitleaks linear-api-key" },
    Prefix { text: "lin_oauth_", chars: Alnum, least: 30, what: "a Linear token", source: "Linear, OAuth" },
    Prefix { text: "ntn_", chars: Alnum, least: 40, what: "a Notion token", source: "gitleaks notion-api-token" },
    Prefix { text: "secret_", chars: Alnum, least: 40, what: "a Notion token", source: "trufflehog notion" },
    Prefix { text: "figd_", chars: Url, least: 30, what: "a Figma token", source: "trufflehog figmapersonalaccesstoken" },
    Prefix { text: "sk_live_", chars: Alnum, least: 16, what: "a Stripe key", source: "gitleaks stripe-access-token" },
    Prefix { text: "sk_test_", chars: Alnum, least: 16, what: "a Stripe key", source: "gitleaks stripe-access-token" },
    Prefix { text: "sk_prod_", chars: Alnum, least: 16, what: "a Stripe key", source: "gitleaks stripe-access-token" },
    Prefix { text: "rk_live_", chars: Alnum, least: 16, what: "a Stripe key", source: "gitleaks stripe-access-token" },
    Prefix { text: "rk_test_", chars: Alnum, least: 16, what: "a Stripe key", source: "gitleaks stripe-access-token" },
    Prefix { text: "rk_prod_", chars: Alnum, least: 16, what: "a Stripe key", source: "gitleaks stripe-access-token" },
    Prefix { text: "whsec_", chars: Base64, least: 24, what: "the secret of a webhook", source: "Stripe, webhooks; Svix" },
    Prefix { text: "sq0atp-", chars: Url, least: 20, what: "a Square token", source: "gitleaks square-access-token" },
    Prefix { text: "sq0csp-", chars: Url, least: 20, what: "a Square secret", source: "detect-secrets SquareOAuthDetector" },
    Prefix { text: "EAAA", chars: Url, least: 50, what: "a Square token", source: "gitleaks square-access-token" },
    Prefix { text: "EAAC", chars: Alnum, least: 100, what: "a Facebook token", source: "gitleaks facebook-page-access-token" },
    Prefix { text: "shpat_", chars: Hex, least: 32, what: "a Shopify token", source: "gitleaks shopify-access-token" },
    Prefix { text: "shpca_", chars: Hex, least: 32, what: "a Shopify token", source: "gitleaks shopify-custom-access-token" },
    Prefix { text: "shppa_", chars: Hex, least: 32, what: "a Shopify token", source: "gitleaks shopify-private-app-access-token" },
    Prefix { text: "shpss_", chars: Hex, least: 32, what: "a Shopify secret", source: "gitleaks shopify-shared-secret" },
    Prefix { text: "access_token$", chars: Dollar, least: 30, what: "a Braintree token", source: "trufflehog braintreepayments" },
    Prefix { text: "FLWSECK_TEST-", chars: Alnum, least: 12, what: "a Flutterwave key", source: "gitleaks flutterwave-secret-key" },
    Prefix { text: "shippo_live_", chars: Hex, least: 40, what: "a Shippo token", source: "gitleaks shippo-api-token" },
    Prefix { text: "duffel_live_", chars: Url, least: 40, what: "a Duffel token", source: "gitleaks duffel-api-token" },
    Prefix { text: "EZAK", chars: Alnum, least: 50, what: "an EasyPost token", source: "gitleaks easypost-api-token" },
    Prefix { text: "sk-ant-", chars: Url, least: 40, what: "an Anthropic key", source: "gitleaks anthropic-api-key" },
    Prefix { text: "sk-proj-", chars: Url, least: 40, what: "an OpenAI key", source: "gitleaks openai-api-key" },
    Prefix { text: "sk-svcacct-", chars: Url, least: 40, what: "an OpenAI key", source: "gitleaks openai-api-key" },
    Prefix { text: "sk-admin-", chars: Url, least: 40, what: "an OpenAI key", source: "gitleaks openai-api-key" },
    Prefix { text: "sk-or-v1-", chars: Hex, least: 40, what: "an OpenRouter key", source: "trufflehog openrouter" },
    Prefix { text: "sk-lf-", chars: Url, least: 36, what: "a Langfuse key", source: "Langfuse, API keys" },
    Prefix { text: "sk-", chars: Alnum, least: 20, what: "an API key", source: "gitleaks openai-api-key; DeepSeek and LiteLLM have the same form" },
    Prefix { text: "hf_", chars: Alnum, least: 30, what: "a Hugging Face token", source: "gitleaks huggingface-access-token" },
    Prefix { text: "api_org_", chars: Alnum, least: 30, what: "a Hugging Face token", source: "gitleaks huggingface-organization-api-token" },
    Prefix { text: "gsk_", chars: Alnum, least: 40, what: "a Groq key", source: "trufflehog groq" },
    Prefix { text: "r8_", chars: Alnum, least: 30, what: "a Replicate token", source: "trufflehog replicate" },
    Prefix { text: "pplx-", chars: Alnum, least: 40, what: "a Perplexity key", source: "gitleaks perplexity-api-key" },
    Prefix { text: "xai-", chars: Alnum, least: 60, what: "an xAI key", source: "trufflehog xai" },
    Prefix { text: "nvapi-", chars: Url, least: 40, what: "an NVIDIA key", source: "trufflehog nvapi" },
    Prefix { text: "tvly-", chars: Url, least: 20, what: "a Tavily key", source: "Tavily, API keys" },
    Prefix { text: "lsv2_", chars: Word, least: 30, what: "a LangSmith key", source: "trufflehog langsmith" },
    Prefix { text: "pcsk_", chars: Word, least: 40, what: "a Pinecone key", source: "Pinecone, API keys" },
    Prefix { text: "hvs.", chars: Url, least: 20, what: "an OpenBao or Vault token", source: "gitleaks vault-service-token" },
    Prefix { text: "hvb.", chars: Url, least: 20, what: "an OpenBao or Vault token", source: "gitleaks vault-batch-token" },
    Prefix { text: "hvr.", chars: Url, least: 20, what: "an OpenBao or Vault token", source: "Vault, tokens" },
    Prefix { text: "dp.pt.", chars: Alnum, least: 40, what: "a Doppler token", source: "gitleaks doppler-api-token" },
    Prefix { text: "dp.st.", chars: Dotted, least: 40, what: "a Doppler token", source: "trufflehog doppler" },
    Prefix { text: "ops_eyJ", chars: Base64, least: 60, what: "a 1Password token", source: "gitleaks 1password-service-account-token" },
    Prefix { text: "sha256~", chars: Url, least: 40, what: "an OpenShift token", source: "gitleaks openshift-user-token" },
    Prefix { text: "K10", chars: Hex, least: 40, what: "a k3s token", source: "k3s, k3s token" },
    Prefix { text: "SG.", chars: Dotted, least: 40, what: "a SendGrid key", source: "gitleaks sendgrid-api-token" },
    Prefix { text: "xkeysib-", chars: Url, least: 40, what: "a Brevo key", source: "gitleaks sendinblue-api-token" },
    Prefix { text: "xsmtpsib-", chars: Url, least: 40, what: "a Brevo key", source: "trufflehog sendinbluev2" },
    Prefix { text: "key-", chars: Hex, least: 32, what: "a Mailgun key", source: "gitleaks mailgun-private-api-token" },
    Prefix { text: "re_", chars: Word, least: 24, what: "a Resend key", source: "Resend, API keys" },
    Prefix { text: "glsa_", chars: Word, least: 32, what: "a Grafana token", source: "gitleaks grafana-service-account-token" },
    Prefix { text: "glc_", chars: Base64, least: 32, what: "a Grafana token", source: "gitleaks grafana-cloud-api-token" },
    Prefix { text: "eyJrIjoi", chars: Base64, least: 40, what: "a Grafana key", source: "gitleaks grafana-api-key" },
    Prefix { text: "NRAK-", chars: Alnum, least: 27, what: "a New Relic key", source: "gitleaks new-relic-user-api-key" },
    Prefix { text: "dt0c01.", chars: Dotted, least: 60, what: "a Dynatrace token", source: "gitleaks dynatrace-api-token" },
    Prefix { text: "sntrys_", chars: Base64, least: 40, what: "a Sentry token", source: "gitleaks sentry-org-token" },
    Prefix { text: "sntryu_", chars: Hex, least: 40, what: "a Sentry token", source: "gitleaks sentry-user-token" },
    Prefix { text: "rdme_", chars: Alnum, least: 60, what: "a ReadMe token", source: "gitleaks readme-api-token" },
    Prefix { text: "eyJhbGciOi", chars: Dotted, least: 40, what: "a signed web token", source: "gitleaks jwt" },
    Prefix { text: "sk.eyJ", chars: Dotted, least: 30, what: "a secret token of Mapbox", source: "trufflehog mapbox" },
    Prefix { text: "sl.", chars: Url, least: 130, what: "a Dropbox token", source: "gitleaks dropbox-short-lived-api-token" },
    Prefix { text: "AGE-SECRET-KEY-1", chars: Upper, least: 50, what: "an age key", source: "gitleaks age-secret-key" },
    Prefix { text: "AGE-SECRET-KEY-PQ-1", chars: Upper, least: 50, what: "an age key", source: "age, post-quantum keys" },
    Prefix { text: "AGE-PLUGIN-", chars: Url, least: 40, what: "an age key", source: "age, plugins" },
    Prefix { text: "$2a$", chars: Crypt, least: 50, what: "the hash of a password", source: "crypt(5): bcrypt" },
    Prefix { text: "$2b$", chars: Crypt, least: 50, what: "the hash of a password", source: "crypt(5): bcrypt" },
    Prefix { text: "$2y$", chars: Crypt, least: 50, what: "the hash of a password", source: "crypt(5): bcrypt, as htpasswd writes it" },
    Prefix { text: "$5$", chars: Crypt, least: 40, what: "the hash of a password", source: "crypt(5): sha256crypt" },
    Prefix { text: "$6$", chars: Crypt, least: 40, what: "the hash of a password", source: "crypt(5): sha512crypt" },
    Prefix { text: "$y$", chars: Crypt, least: 40, what: "the hash of a password", source: "crypt(5): yescrypt" },
    Prefix { text: "$apr1$", chars: Crypt, least: 20, what: "the hash of a password", source: "htpasswd of Apache" },
    Prefix { text: "$argon2id$", chars: Crypt, least: 40, what: "the hash of a password", source: "crypt(5), Argon2" },
    Prefix { text: "{SSHA}", chars: Base64, least: 24, what: "the hash of a password", source: "OpenLDAP, password storage" },
];

#[rustfmt::skip]
const FORMS: &[Form] = &[
    Form { parts: &[Text("s."), Run(Alnum, 24, 24)], what: "an OpenBao or Vault token", source: "gitleaks vault-service-token" },
    Form { parts: &[Text("SK"), Run(Hex, 32, 32)], what: "a Twilio key", source: "gitleaks twilio-api-key" },
    Form { parts: &[Run(Alnum, 14, 14), Text(".atlasv1."), Run(Url, 60, 80)], what: "a Terraform token", source: "gitleaks hashicorp-tf-api-token" },
    Form { parts: &[Run(Digits, 8, 10), Text(":AA"), Run(Url, 32, 34)], what: "the token of a Telegram bot", source: "gitleaks telegram-bot-api-token" },
    Form { parts: &[Run(Url, 23, 28), Text("."), Run(Url, 6, 7), Text("."), Run(Url, 27, 40)], what: "the token of a Discord bot", source: "detect-secrets DiscordBotTokenDetector" },
    Form { parts: &[Run(Hex, 32, 32), Text("-us"), Run(Digits, 1, 2)], what: "a Mailchimp key", source: "gitleaks mailchimp-api-key" },
    Form { parts: &[Run(Word, 3, 3), Run(Digits, 1, 1), Text("Q~"), Run(Dotted, 31, 34)], what: "a client secret of Entra ID", source: "gitleaks azure-ad-client-secret" },
    Form { parts: &[Text("pat"), Run(Alnum, 14, 14), Text("."), Run(Hex, 64, 64)], what: "an Airtable token", source: "gitleaks airtable-personnal-access-token" },
    Form { parts: &[Text("cio"), Run(Alnum, 32, 32)], what: "a crates.io token", source: "crates.io, API tokens" },
    Form { parts: &[Text("oy2"), Run(Alnum, 43, 43)], what: "a NuGet key", source: "trufflehog nugetapikey" },
    Form { parts: &[Text("eyJ"), Run(Url, 14, 600), Text(".eyJ"), Run(Url, 14, 8000), Text("."), Run(Url, 10, 2000)], what: "a signed web token", source: "gitleaks jwt" },
    Form { parts: &[Text("hooks.slack.com/"), Run(Path, 30, 100)], what: "a webhook of Slack", source: "gitleaks slack-webhook-url" },
    Form { parts: &[Text("discord.com/api/webhooks/"), Run(Path, 40, 200)], what: "a webhook of Discord", source: "trufflehog discordwebhook" },
    Form { parts: &[Text("discordapp.com/api/webhooks/"), Run(Path, 40, 200)], what: "a webhook of Discord", source: "trufflehog discordwebhook" },
    Form { parts: &[Text("webhook.office.com/webhookb2/"), Run(Path, 60, 300)], what: "a webhook of Teams", source: "gitleaks microsoft-teams-webhook" },
    Form { parts: &[Text("chat.googleapis.com/v1/spaces/"), Run(Path, 40, 300)], what: "a webhook of Google Chat", source: "Google Chat, incoming webhooks" },
    Form { parts: &[Text("/open-apis/bot/v2/hook/"), Run(Url, 30, 40)], what: "a webhook of Feishu", source: "Feishu, custom bots" },
    Form { parts: &[Text("/hooks/"), Run(Alnum, 26, 26)], what: "a webhook of Mattermost", source: "Mattermost, incoming webhooks" },
    Form { parts: &[Text("hooks.zapier.com/hooks/catch/"), Run(Path, 12, 100)], what: "a webhook of Zapier", source: "trufflehog zapierwebhook" },
    Form { parts: &[Text("api.telegram.org/bot"), Run(Digits, 8, 10), Text(":"), Run(Url, 30, 40)], what: "the token of a Telegram bot", source: "gitleaks telegram-bot-api-token" },
];

/// The prefixes by their first byte, longer ones first.
static BY_FIRST: LazyLock<BTreeMap<u8, Vec<&'static Prefix>>> = LazyLock::new(|| {
    let mut by_first: BTreeMap<u8, Vec<&Prefix>> = BTreeMap::new();
    for prefix in PREFIXES {
        by_first.entry(prefix.text.bytes().next().unwrap_or_default()).or_default().push(prefix);
    }
    for list in by_first.values_mut() {
        list.sort_by_key(|prefix| std::cmp::Reverse(prefix.text.len()));
    }
    by_first
});
/// The longest random part that is looked at, so that a text of prefixes alone costs little.
const LONGEST: usize = 1024;
/// No secret that says what it is is shorter.
const SHORTEST: usize = 16;
/// How long the first line of a key is at most: `-----BEGIN OPENSSH PRIVATE KEY-----`.
const LONGEST_HEAD: usize = 80;

/// All secrets of a text that say what they are.
pub(super) fn find(text: &str, found: &mut dyn FnMut(Kind)) {
    if text.len() < SHORTEST {
        return;
    }
    private_keys(text, found);
    prefixes(text, found);
    for form in FORMS {
        forms(form, text, found);
    }
}

fn private_keys(text: &str, found: &mut dyn FnMut(Kind)) {
    let mut seen = 0;
    for (at, words) in text.match_indices("PRIVATE KEY") {
        let from = text.floor_char_boundary(at.saturating_sub(LONGEST_HEAD));
        if at < seen {
            continue;
        }
        let Some(begin) = text[from.max(seen)..at].rfind("BEGIN ").map(|begin| from.max(seen) + begin) else {
            continue;
        };
        let start = begin
            - text[..begin].bytes().rev().take(LONGEST_HEAD).take_while(|byte| b"- ".contains(byte)).count();
        let end = at + words.len();
        if !text[start..begin].contains('-') || text[start..at].contains(['\n', '\\']) {
            continue;
        }
        let start = begin - text[start..begin].trim_start().len();
        let line = end + text[end..].bytes().take_while(|byte| b"- BLOCK".contains(byte)).count();
        let close = text[line..].find("END ").map_or(text.len(), |close| line + close);
        // What stands in it, or after one without an end, is a part of it.
        seen = close;
        found(Kind { what: "a private key", at: start..close, shown: start..line });
    }
    if let Some(start) = text.find("PuTTY-User-Key-File-") {
        let line = start + text[start..].lines().next().unwrap_or_default().len();
        found(Kind { what: "a private key", at: start..text.len(), shown: start..line });
    }
}

fn joins(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn prefixes(text: &str, found: &mut dyn FnMut(Kind)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&first) = bytes.get(at) {
        let is_start = at == 0 || bytes.get(at - 1).is_none_or(|&before| !joins(before));
        let prefixes = BY_FIRST.get(&first).filter(|_| is_start).map(Vec::as_slice).unwrap_or_default();
        let hit = prefixes.iter().find_map(|prefix| Some((prefix.what, body(prefix, bytes, at)?)));
        match hit {
            Some((what, end)) => {
                found(Kind { what, at: at..end, shown: at..end });
                at = end;
            }
            None => at += 1,
        }
    }
}

/// Returns where a token ends that begins at a place with a prefix.
fn body(prefix: &Prefix, bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?.strip_prefix(prefix.text.as_bytes())?;
    let length = rest.iter().take(LONGEST).take_while(|byte| prefix.chars.hold(**byte)).count();
    let body = std::str::from_utf8(rest.get(..length)?).ok()?.trim_end_matches(['.', ',']);
    // A dash may end a sentence, or be the last of a token that is as long as these are.
    let body = if body.len() > prefix.least { body.trim_end_matches('-') } else { body };
    let right = body.len() >= prefix.least && random::has_generated_part(body);
    right.then_some(at + prefix.text.len() + body.len())
}

fn forms(form: &Form, text: &str, found: &mut dyn FnMut(Kind)) {
    let anchor = form.parts.iter().position(|part| matches!(part, Text(_))).unwrap_or_default();
    let Some(Text(word)) = form.parts.get(anchor) else { return };
    let bytes = text.as_bytes();
    let mut seen = 0;
    for (at, _) in text.match_indices(word) {
        let begins =
            anchor > 0 || word.contains('/') || at == 0 || bytes.get(at - 1).is_none_or(|&byte| !joins(byte));
        if at < seen || !begins {
            continue;
        }
        let start = form.parts.iter().take(anchor).rev().try_fold(at, |end, part| before(part, bytes, end));
        let end = form.parts.iter().skip(anchor).try_fold(at, |start, part| after(part, bytes, start));
        let (Some(start), Some(end)) = (start, end) else { continue };
        let alone = start == 0 || bytes.get(start - 1).is_none_or(|&byte| !joins(byte) || word.contains('/'));
        let ended = bytes.get(end).is_none_or(|&byte| !joins(byte));
        let Some(whole) = text.get(start..end).filter(|_| alone && ended) else { continue };
        let random_part = whole.strip_prefix(word).unwrap_or(whole);
        // Below an address of its own, nothing else stands; in other forms, words may.
        if word.contains('/') || random::has_generated_part(random_part) {
            seen = end;
            found(Kind { what: form.what, at: start..end, shown: start..end });
        }
    }
}

/// Returns where a part ends that begins at a place.
fn after(part: &Part, bytes: &[u8], start: usize) -> Option<usize> {
    let rest = bytes.get(start..)?;
    match part {
        Text(text) => rest.starts_with(text.as_bytes()).then_some(start + text.len()),
        Run(chars, least, most) => {
            let length = rest.iter().take(*most).take_while(|byte| chars.hold(**byte)).count();
            (length >= *least).then_some(start + length)
        }
    }
}

/// Returns where a part begins that ends at a place.
fn before(part: &Part, bytes: &[u8], end: usize) -> Option<usize> {
    let rest = bytes.get(..end)?;
    match part {
        Text(text) => rest.ends_with(text.as_bytes()).then(|| end - text.len()),
        Run(chars, least, most) => {
            let length = rest.iter().rev().take(*most).take_while(|byte| chars.hold(**byte)).count();
            (length >= *least).then_some(end - length)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::Random;
    use super::*;

    fn found(text: &str) -> Vec<(&'static str, String)> {
        let mut list = Vec::new();
        find(text, &mut |kind| list.push((kind.what, text[kind.at].to_owned())));
        list
    }

    /// Returns the characters that a random part may have, letters and digits first.
    fn alphabet(chars: Chars) -> Vec<u8> {
        (0..128).filter(|byte| chars.hold(*byte) && byte.is_ascii_alphanumeric()).collect()
    }

    #[test]
    fn every_prefix_is_found_where_a_word_begins_and_enough_follows() {
        let mut random = Random::new(1);
        for prefix in PREFIXES {
            assert!(!prefix.source.is_empty());
            let tokens: Vec<String> = (0..20)
                .map(|_| format!("{}{}", prefix.text, random.text(&alphabet(prefix.chars), prefix.least)))
                .collect();
            let hits = tokens
                .iter()
                .filter(|token| found(&format!("is {token}, is")) == [(prefix.what, (*token).clone())]);
            // Of fifteen random letters, some read like a word.
            let hits = hits.count();
            assert!(hits >= 18, "{hits} of 20 after {}", prefix.text);
            if prefix.text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
                let joined = tokens
                    .iter()
                    .filter(|token| found(&format!("a{token}")).iter().any(|(_, at)| at == *token));
                assert_eq!(joined.count(), 0, "in the middle of a word: {}", prefix.text);
            }
            let words = "registry-mirror-for-data-science-workloads-".repeat(4);
            assert_eq!(found(&format!("{}{words}", prefix.text)), [], "words after {}", prefix.text);
        }
    }

    #[test]
    fn every_form_is_found() {
        let mut random = Random::new(2);
        for form in FORMS {
            assert!(!form.source.is_empty());
            let mut hits = 0;
            for _ in 0..20 {
                let part = |part: &Part| match part {
                    Text(text) => (*text).to_owned(),
                    Run(chars, least, _) => random.text(&alphabet(*chars), *least),
                };
                let token: String = form.parts.iter().map(part).collect();
                hits += usize::from(found(&format!("(https://{token})")).iter().any(|(_, at)| *at == token));
            }
            assert!(hits >= 18, "{hits} of 20: {}", form.what);
        }
    }

    #[test]
    fn a_private_key_is_one_up_to_its_end_and_a_certificate_is_none() {
        for kind in ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "] {
            let text = format!("-----BEGIN {kind}PRIVATE KEY-----\nabc\n-----END {kind}PRIVATE KEY-----\n");
            let mut list = Vec::new();
            find(&text, &mut |kind| list.push(kind));
            assert_eq!(list.len(), 1, "{text}");
            assert_eq!(&text[list[0].shown.clone()], format!("-----BEGIN {kind}PRIVATE KEY-----"));
            assert!(text[list[0].at.clone()].contains("abc"));
        }
        assert_eq!(found("-----BEGIN PGP PRIVATE KEY BLOCK-----\nabc").len(), 1);
        assert_eq!(found(concat!("PuTTY-User-", "Key-File-3: ssh-ed25519")).len(), 1);
        for innocent in [
            "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----",
            "-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----",
            "the PRIVATE KEY is elsewhere, says BEGIN",
        ] {
            assert_eq!(found(innocent), [], "{innocent}");
        }
    }
}
