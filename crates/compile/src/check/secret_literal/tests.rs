//! Planted secrets of every kind, and what only looks like one.

use super::samples::{ALNUM, HEX, LOWER, Random, encoded};
use super::*;
use sovereign_language::schema::Parsed;

/// Returns how many secrets are found in a text of TOML.
fn count(text: &str) -> usize {
    let source = Source::manifest("sovereign.toml", text.as_bytes().to_vec());
    let source = source.unwrap_or_else(|(fault, _)| panic!("{fault:?}"));
    let tree = Parsed::new(&source).tree();
    let mut diags = Diagnostics::new();
    check(&source, tree.as_ref(), &mut diags);
    diags.sorted().len()
}

/// Returns what a person makes up.
fn typed() -> String {
    ["S3cr3t", "Pa55"].concat()
}

#[test]
fn values_of_secret_names_are_found_as_they_are_decoded() {
    let mut random = Random::new(3);
    let mut wrong = Vec::new();
    for _ in 0..50 {
        let (token, hex, lower) = (random.text(ALNUM, 40), random.text(HEX, 64), random.text(LOWER, 32));
        let (pw, login) = (typed(), encoded(&format!("bot:{}", random.text(ALNUM, 20))));
        let docker = encoded(&format!(r#"{{"auths": {{"ghcr.io": {{"auth": "{login}"}}}}}}"#));
        let key = format!("-----BEGIN {}-----\n{token}\n-----END {}-----\n", "PRIVATE KEY", "PRIVATE KEY");
        let (pem, in_json) = (encoded(&key), encoded(&format!(r#"{{"private_key": {key:?}}}"#)));
        let (head, tail) = token.split_at(12);
        let uuid = [8, 4, 4, 4, 12].map(|n| random.text(HEX, n)).join("-");
        for planted in [
            format!("s3.secretAccessKey = '{token}'"),
            format!("s3.secret_access_key = '{token}'"),
            format!("x.encryptionKey = '{hex}'"),
            format!("x.MASTER-KEY = '{hex}'"),
            format!("x.tokenKey = '{token}'"),
            format!("x.token = '{token}'"),
            format!("x.sessionSecret = '{lower}'"),
            format!("x.apiKey = '{uuid}'"),
            format!("x.clientSecret = 'acme-{}-{}-zx'", &hex[..10], &hex[10..24]),
            format!("x.client-secret = '{pw}'"),
            "x.pass = 'hunter2'".to_owned(),
            "x.pwd = 'hunter2'".to_owned(),
            "x.dbPassword = 12345678".to_owned(),
            "x.MYSQL_ROOT_PASSWORD = 'root'".to_owned(),
            "x.adminPassword.value = 'hunter2'".to_owned(),
            "x.passwords = ['hunter2']".to_owned(),
            "x.secretKeys.adminPassword = 'Hunt3r2!'".to_owned(),
            "env = [{ name = 'POSTGRES_PASSWORD', value = 'hunter2' }]".to_owned(),
            "args = ['--admin-password', 'hunter2']".to_owned(),
            "args = ['--admin-password=hunter2']".to_owned(),
            format!("x.auth = '{login}'"),
            format!("x.y = '{docker}'"),
            format!("x.y = '{pem}'"),
            format!("x.y = '{in_json}'"),
            format!("x.y = '''\nusers:\n- user:\n    client-key-data: {pem}\n'''"),
            "x.y = '''\nauth:\n  admin_password: hunter2\n'''".to_owned(),
            "x.y = '''\n- name: DB_PASSWORD\n  value: hunter2\n'''".to_owned(),
            "x.y = '''\nexport PGPASSWORD=hunter2\n'''".to_owned(),
            "x.y = '''\n[smtp]\npassword = hunter2\n'''".to_owned(),
            "x.y = '''\nkind: Secret\nstringData:\n  colour: blue\n'''".to_owned(),
            "x = { kind = 'Secret', stringData = { colour = 'blue' } }".to_owned(),
            r#"x.y = '{"smtp": {"password": "hunter2"}}'"#.to_owned(),
            format!("x.y = 'Server=db;User Id=sa;Password={pw};'"),
            format!("x.y = 'AccountName=a;AccountKey={}=='", random.text(ALNUM, 86)),
            format!("x.y = 'Authorization: Basic {login}'"),
            format!("x.y = 'Bearer {token}'"),
            format!("x.y = 'postgres://app:{pw}@db:5432/app'"),
            format!("x.y = ['redis://:{pw}@redis:6379/0']"),
            format!("x.y = 'app:{pw}@tcp(db:3306)/app'"),
            format!("x.y = 'jdbc:postgresql://db/app?user=a&password={pw}'"),
            format!("x.y = 'curl -u admin:{pw} https://a.example'"),
            format!("x.y = \"\\u0067hp_{token}\""),
            format!("x.y = \"\"\"{}_{head}\\\n  {tail}\"\"\"", "ghp"),
            format!("x.y = '{}'", encoded(&["ghp_", token.as_str()].concat())),
            format!("x.y = \"{{{{ 'gh' ~ 'p_{token}' }}}}\""),
            "x.password = \"{{ 'hunter2' }}\"".to_owned(),
            format!("\"{}_{token}\" = 1", "ghp"),
            format!("x.y = 'jdbc:oracle:thin:scott/{pw}@//db:1521/x'"),
            "x.y = 'mysql -uroot -phunter2 db'".to_owned(),
            "x.y = 'sshpass -p hunter2 ssh a@b'".to_owned(),
            "x.y = ['redis-cli', '-a', 'hunter2', 'ping']".to_owned(),
            "x.y = 'docker login -u bot -p hunter2 ghcr.io'".to_owned(),
            "x.y = 'machine git.example.com login bot password hunter2'".to_owned(),
            "x.y = '''\nbind 0.0.0.0\nrequirepass hunter2\n'''".to_owned(),
            "x.y = '''\nusers:\n- user: {username: admin, password: hunter2}\n'''".to_owned(),
            "x.y = 'user app on >hunter2 ~* +@all'".to_owned(),
            "x.y = '''\nchpasswd:\n  list: |\n    root:hunter2\n'''".to_owned(),
            format!("x.y = 'robot$a+ci:{token}'"),
            format!("x.jwk = {{ kty = 'oct', k = '{token}' }}"),
            format!("x.y = '{{\"kty\": \"RSA\", \"e\": \"AQAB\", \"d\": \"{token}\"}}'"),
            format!("x.secret_key_base = '{hex}'"),
            "x.kennwort = 'hunter2'".to_owned(),
            "x.basicAuthUsers = 'bob:hunter2'".to_owned(),
            format!("env = [{{ key = 'TOKEN', val = '{token}' }}]"),
        ] {
            wrong.extend((count(&planted) != 1).then_some(planted));
        }
    }
    // A random text may read like words, or be short of digits.
    assert!(wrong.len() <= 5, "{} of 2,250 are not found once:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn secrets_beside_values_are_found_too() {
    let (mut random, pw) = (Random::new(5), typed());
    for planted in [
        format!("# password: {pw}w0rd for the admin"),
        "# adminPassword = \"hunter2\"".to_owned(),
        format!("a = 1 # {}_{}", "ghp", random.text(ALNUM, 40)),
        format!("not TOML, and password = \"{pw}\""),
        format!("password = \"{pw}"),
    ] {
        assert_eq!(count(&planted), 1, "{planted}");
    }
}

#[test]
fn what_only_looks_like_a_secret_is_none() {
    let mut random = Random::new(4);
    for _ in 0..50 {
        let (hex, base) = (random.text(HEX, 64), random.text(ALNUM, 68));
        let uuid = [8, 4, 4, 4, 12].map(|n| random.text(HEX, n)).join("-");
        for innocent in [
            "existingSecret = 'newapi-bp-newapi-newapi-db-dsn'".to_owned(),
            "secretName = 'harbor-oidc-2026-prod-7d4f'".to_owned(),
            "clientSecret = 'harbor-oidc-2026-prod-7d4f'".to_owned(),
            "tokenSecretRef = 'continuum-cf-token-2026-11-20'".to_owned(),
            "secretKeyRef = { name = 'grafana-admin', key = 'admin-password' }".to_owned(),
            "passwordKey = 'password'".to_owned(),
            "auth = { existingSecret = 'db', password = 'password' }".to_owned(),
            "secretKeys = { adminPassword = 'admin-password' }".to_owned(),
            "key = 'tls.key'".to_owned(),
            "cacheKey = 'v2-2026-05-20T120000Z'".to_owned(),
            format!("publicKey = 'ssh-ed25519 AAAA{base}'"),
            format!("public_key = '{base}'"),
            format!("clientId = '{uuid}'"),
            format!("projectKey = '{uuid}'"),
            format!("checksum = '{hex}'"),
            format!("image = 'ghcr.io/a/b:1.2@sha256:{hex}'"),
            format!("revision = '{}'", &hex[..40]),
            "tokenTTL = '24h'".to_owned(),
            "passwordPolicy = 'length(12) and notUsername'".to_owned(),
            "passwordMinLength = 12".to_owned(),
            "forgotPassword = true".to_owned(),
            "resetPassword = 'enabled'".to_owned(),
            "forgotPassword.url = 'https://auth.example.com/reset'".to_owned(),
            "tokenUrl = 'https://login.example.com/oauth2/v2.0/token'".to_owned(),
            "credentialProvider = 'ecr-credential-provider-v1-29-4'".to_owned(),
            "package = 'npm_config_registry_mirror_v2_2026_05'".to_owned(),
            "package = 'pypi-mirror-for-data-science-workloads-2026-05'".to_owned(),
            "node = 'sk-learn-notebooks-for-the-data-science-team-2026'".to_owned(),
            "password = '$__file{/etc/secrets/password}'".to_owned(),
            "password = '$__env{DB_PASSWORD}'".to_owned(),
            "password = '${DB_PASSWORD}'".to_owned(),
            "password = '$(DB_PASSWORD)'".to_owned(),
            "password = '/run/secrets/db-password'".to_owned(),
            "password = ''".to_owned(),
            "passwordFrom = 'DB_PASSWORD'".to_owned(),
            "password = '{{ .Values.password }}'".to_owned(),
            "password = 'vault:secret/data/db#password'".to_owned(),
            "labels.password = 'Your password'".to_owned(),
            "dsn = 'postgres://app:$(DB_PASSWORD)@db/app'".to_owned(),
            "url = 'ssh://git@github.com/example/sovereigns'".to_owned(),
            "url = 'git@github.com:example/sovereigns.git'".to_owned(),
            "url = 'https://a.example:8443/x@y'".to_owned(),
            "mail = 'mailto:ops@example.com'".to_owned(),
            "user = '-u 1000:1000'".to_owned(),
            "compass = 'north-by-northwest-of-2026'".to_owned(),
            "proxy_pass = 'http://backend'".to_owned(),
            "monkey = 'a-b-c'".to_owned(),
            "x = '''\nadmin_password: ${PASSWORD}\ntoken: {{ .token }}\ncredentials_file: /etc/token\n'''"
                .to_owned(),
            "x = '''\nPASSWORD=$(cat /run/secrets/password)\npassword = getPassword()\n'''".to_owned(),
            "x = '-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----'".to_owned(),
            format!("encryptedData.password = 'AgB{base}'"),
            format!("x = '''\nkind: SealedSecret\nspec:\n  encryptedData:\n    password: AgA{base}\n'''"),
            format!("dsn = 'https://{}@o1.ingest.sentry.io/42'", &hex[..32]),
            "i18n.de.password = 'Passwort vergessen?'".to_owned(),
            "messages.en.password = 'Enter it'".to_owned(),
            format!("jwks = {{ kty = 'RSA', kid = '{}', n = '{base}', e = 'AQAB' }}", &hex[..16]),
            "x = 'mysql -p$MYSQL_PASSWORD -h db -P 3306'".to_owned(),
            "x = 'docker run -p 8080:80 nginx'".to_owned(),
            "x = ['mysql', '-p', 'shop']".to_owned(),
            "x = '''\nlocal all all peer\nhost all all all password\n'''".to_owned(),
            "x = '''\npassword required\n'''".to_owned(),
            "x = '''\ntype User { name: string, password: string }\n'''".to_owned(),
            "x = 'robot$ci'".to_owned(),
            "x = 'jdbc:oracle:thin:@//db:1521/x'".to_owned(),
            "# password: is made by the chart".to_owned(),
            "# The token: see the vault. Its key: 'admin-password'".to_owned(),
            "# passwords are in `grafana-admin`, key = admin-password".to_owned(),
        ] {
            assert_eq!(count(&innocent), 0, "{innocent}");
        }
    }
}

#[test]
fn a_hostile_text_costs_little() {
    for piece in [
        "@",
        "a=",
        "password=",
        "eyJ",
        "-eyJ",
        "k:\"",
        "s.",
        "BEGIN PRIVATE KEY ",
        "basic ",
        "-u a:",
        "{{'",
        "#",
    ] {
        let text = piece.repeat(40_000 / piece.len());
        for text in [format!("x = '''{text}'''"), text] {
            assert!(count(&text) <= Diagnostics::MOST, "{piece}");
        }
    }
}
