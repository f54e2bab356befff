//! Every finding that the compiler can make: its kebab-case name, its severity, its one-line summary.
//!
//! The name is also the name of the page under `docs/diagnostics/` (what `sovereign explain` prints) and of the
//! folder under `tests/ui/` with its failing and passing cases; a test holds the four together.

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The tree is not made.
    Error,
    /// The tree is made; somebody should look.
    Warning,
}

impl Severity {
    /// Returns the word in every output format.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

macro_rules! name_of {
    (acceptable $name:literal) => {
        $name
    };
}

macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident $($acceptable:ident)? $summary:literal,)*) => {
        /// The name of a finding.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $summary] $variant,)* }

        impl Code {
            /// Every code, by name.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The names of those that a manifest may accept: what a rule has guessed, and warnings about what may be meant so.
            pub const ACCEPTABLE: &[&str] = &[$($(name_of!($acceptable $name),)?)*];

            /// Returns the kebab-case name, as in `error[duplicate-region]`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Returns the severity unless warnings are denied.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// Returns what the finding says, in one line.
            pub fn summary(self) -> &'static str {
                match self { $(Self::$variant => $summary,)* }
            }

            /// Returns the page that `sovereign explain` prints, as Markdown.
            pub fn page(self) -> &'static str {
                match self { $(Self::$variant => include_str!(concat!("../../../../docs/diagnostics/", $name, ".md")),)* }
            }
        }
    };
}

codes! {
    // `acceptable`: an `[[accept]]` may name it. Never what is certainly wrong: the tree would be too.
    // Shape: what one value of the file may look like. The JSON Schema refuses exactly these.
    MalformedValue "malformed-value" Error "a value that does not follow the grammar of its key",
    MissingKey "missing-key" Error "a required key that is not there",
    UnknownChoice "unknown-choice" Error "a word that is not one of the words a key may hold",
    UnknownKey "unknown-key" Error "a key that the language does not have",
    UnsupportedKey "unsupported-key" Error "a key that has no meaning beside another value",
    WrongType "wrong-type" Error "a value of another type than its key holds",
    // Text: what stops the file from being read at all.
    NotText "not-text" Error "bytes that are not UTF-8, or more of them than a manifest has",
    Syntax "syntax" Error "text that is not TOML",
    // Names.
    DuplicateName "duplicate-name" Error "two things of one kind with one name",
    PoolZone "pool-zone" Error "a parent zone that no pool has, or whose name servers are others'",
    ForeignSovereign "foreign-sovereign" Error "a consent to the end of another Sovereign",
    ReservedName "reserved-name" Error "a name that the platform keeps for itself",
    TooLongName "too-long-name" Error "a name longer than the limit of where it ends up",
    UncertifiableName "uncertifiable-name" Error "a name that no public authority certifies, with such an issuer",
    UnknownBlueprint "unknown-blueprint" Error "a blueprint that neither the kit nor a blueprint source has",
    UnknownInput "unknown-input" Error "an input that the kit does not have",
    UnknownKit "unknown-kit" Error "a kit that this compiler does not carry",
    UnknownRegion "unknown-region" Error "a region that its provider does not have",
    UnknownRepository "unknown-repository" Error "a repository of charts that the kit does not name",
    UnknownSize "unknown-size" Error "a machine size that the provider does not have",
    LocalState "local-state" Error "machines behind an air gap whose state is on one disk, and not encrypted",
    ModuleRefuses "module-refuses" Error "a value that the module which makes the machines does not accept",
    StorageMismatch "storage-mismatch" Error "storage of another cloud than a region, or of another place than its endpoint",
    ClaimRefuses "claim-refuses" Error "a value that the claim which makes the machines does not accept",
    UnclaimableRegion "unclaimable-region" Error "a region or a network that Crossplane cannot make",
    MissingRegionValue "missing-region-value" Error "a region-scoped value that has no safe default and is not given",
    // Dependencies.
    AbsentDependency "absent-dependency" Error "a dependency on a blueprint that does not run in that region",
    DanglingDependency "dangling-dependency" Error "a dependency on a blueprint that does not exist",
    DependencyCycle "dependency-cycle" Error "blueprints or applications that wait for each other, or Organizations that are parts of each other",
    DependencyOff "dependency-off" Error "a dependency on a blueprint that is switched off",
    SelfDependency "self-dependency" Error "a blueprint that waits for itself",
    // Identity.
    DuplicateObject "duplicate-object" Error "two objects of one identity in one cluster",
    DuplicateRelease "duplicate-release" Error "two releases of one name in one cluster",
    DuplicateSlot "duplicate-slot" Error "one slot used by two blueprints",
    // Topology.
    UnusableNetwork "unusable-network" Error "a network in which nothing can be reached, or without room",
    ObservedAddress "observed-address" Error "an observed address that nobody reaches, or that two regions have",
    MeshId "mesh-id" Error "a cluster-mesh id that is 0, over 255 or given twice",
    NetworkOverlap "network-overlap" Error "address ranges that overlap",
    RegionIndex "region-index" Error "a region with the number of another one, or with what follows from it",
    PrimaryRegion "primary-region" Error "not exactly one primary region",
    RestrictedVcluster "restricted-vcluster" Error "a vCluster namespace at a pod-security level that refuses its Pods",
    UnmatchedNodeSelector "unmatched-node-selector" Error "a node selector that no node of the region satisfies",
    // Failover.
    BackupInPair "backup-in-pair" Warning acceptable "a backup in one of the two regions that it shall survive",
    ClosedPort "closed-port" Error "a port that the plan needs and a region's firewall does not let in",
    ClusterLease "cluster-lease" Error "a lease that dies with the cluster it is in",
    ContinuumPlacement "continuum-placement" Error "a key of hot standby beside a placement without one",
    ControllerField "controller-field" Error "a value that the failover controller writes while it works",
    FailoverNeeds "failover-needs" Error "a failover without something that it needs",
    ForeignRegion "foreign-region" Error "a region that this Sovereign does not have",
    GlobalService "global-service" Error "a global Service that is not the same in both regions",
    HostWithoutBackend "host-without-backend" Error "a host answered from a region where nothing serves it",
    HostWithoutListener "host-without-listener" Error "a host that no listener has a certificate for",
    LateFailover "late-failover" Warning acceptable "a failover that takes longer than its objective",
    LeaseRenewal "lease-renewal" Error "a lease that is lost with one renewal",
    LossyReplication "lossy-replication" Error "an application that may lose nothing, and would",
    MintedSecret "minted-secret" Error "a Secret made up at random in two regions behind one host",
    OwnStandby "own-standby" Error "a region that would take over from itself, or none that would take over",
    PairSkew "pair-skew" Error "two halves of a database in different versions",
    Promoter "promoter" Error "a stateful pair without exactly one promoter",
    RecordWriter "record-writer" Error "a DNS record without exactly one writer",
    TwoPrimaries "two-primaries" Error "one thing that is written to in two places",
    WitnessInPair "witness-in-pair" Error "servers for the zone that are lost with what they vouch for",
    WitnessResolvers "witness-resolvers" Error "a quorum of too few, too many, private or repeated resolvers",
    // Organizations.
    DanglingReference "dangling-reference" Error "a name of a region, Organization, environment or application that is nowhere",
    FailoverMismatch "failover-mismatch" Error "an application that is described in two ways, for its failover and for its Organization",
    LargeBucket "large-bucket" Warning acceptable "Organizations that share so large a directory that kustomize takes long for it",
    MissingBlock "missing-block" Error "an environment in a region that lacks its building block",
    MissingPlatform "missing-platform" Error "Organizations in a Sovereign that lacks what they need",
    MissingVcluster "missing-vcluster" Error "an application in a vCluster that its plan does not have",
    PlacementRegions "placement-regions" Error "more or fewer regions than a placement has, or others than the environment's",
    RegionCode "region-code" Error "a region whose code does not fit into the Environment resource",
    UnguardedShard "unguarded-shard" Error "a shard whose objects Flux's own controllers would work on too",
    UnprotectedStandby "unprotected-standby" Warning acceptable "applications with standbys that nothing fails over to",
    // Values.
    ContradictingSwitch "contradicting-switch" Error "a blueprint that is switched in another way than the one that governs it",
    ContradictingValue "contradicting-value" Error "a Helm value that says something else than what a region was given",
    DuplicateNodePort "duplicate-node-port" Error "a port of the nodes that two releases ask for",
    RefusedByApi "refused-by-api" Error "a part of an object in Helm values that the API server refuses",
    InputType "input-type" Error "a value that is not of the type of its input",
    MissingInput "missing-input" Error "an input that the kit must be told, and is not",
    UnsafeText "unsafe-text" Error "a text or key that is lost, or stops a layer, on its way to the cluster",
    LeftoverPlaceholder "leftover-placeholder" Error acceptable "a placeholder in a final value",
    OwnRegistry "own-registry" Error "an air gap whose registry is a host of the Sovereign behind it",
    OutsideRegistry "outside-registry" Error "a host that an air-gapped Sovereign cannot reach",
    SecretLiteral "secret-literal" Error acceptable "something that looks like a secret, written down",
    UnprovidedSecret "unprovided-secret" Error "a Secret or ConfigMap that a blueprint reads and nobody makes",
    SharedIdentity "shared-identity" Error "two releases that write to one thing outside of their clusters",
    StoppedController "stopped-controller" Error "a controller that everything stands on, and that nobody would run",
    UnpinnedVersion "unpinned-version" Error acceptable "a version or image tag that does not name one artifact",
    // Layers.
    CrdLayer "crd-layer" Error "a custom resource in the layer of the release that brings its definition",
    // Kits and blueprint sources.
    KitObject "kit-object" Error "an object of a kit that no cluster could apply, or that may not stand in Git",
    BadExpression "bad-expression" Error "an expression in a blueprint that cannot be evaluated",
    UnreadableSource "unreadable-source" Error "a blueprint source that is not there or leaves the directory of the manifest",
    // Transitions: what a tree may not do to the one before it.
    ControllerDowngrade "controller-downgrade" Error "a chart that runs controllers, going back to an older version",
    DefinitionDowngrade "definition-downgrade" Error "definitions in use that an older chart would replace",
    IdentityChange "identity-change" Error "a release that would be uninstalled and installed again",
    ImmutableChange "immutable-change" Error "a value that cannot change while the release lives",
    KitDowngrade "kit-downgrade" Error "a kit older than the one of the tree before",
    LayerRenamed "layer-renamed" Error "a layer under another name, so that Flux prunes all it applied",
    OwnerChange "owner-change" Error "objects that another Kustomization would apply than before",
    PreservedValue "preserved-value" Error "a value that goes and that Helm keeps, so that its release is upgraded without end",
    RemovalOrder "removal-order" Error "a release that would go together with what needs it",
    UnacceptedLoss "unaccepted-loss" Error acceptable "a change of a value that loses something, without consent",
    UnretiredRemoval "unretired-removal" Error "a removal that loses data, without consent",
    // Warnings.
    AcceptUnused "accept-unused" Warning "an acceptance of a finding that nothing has",
    SpentConsent "spent-consent" Warning "a consent that nothing needs any more",
    MissingObservedFact "missing-observed-fact" Warning acceptable "a value that is known only after provisioning and is left out until then",
    EmptyLoadBalancer "empty-load-balancer" Warning acceptable "a load balancer that is claimed, and no machine that it leads to",
    ProductionIssuer "production-issuer" Warning acceptable "an environment without production whose certificates count there",
    IssuerLimit "issuer-limit" Error "more certificates than the issuer issues",
    HostWithoutCertificate "host-without-certificate" Warning acceptable "hosts of applications that no certificate is for",
    SettingWithoutEffect "setting-without-effect" Warning acceptable "a setting that changes nothing with this kit",
    UnknownValue "unknown-value" Warning acceptable "a Helm value that the chart does not read",
    LateDefinition "late-definition" Warning acceptable "a release that may come before the definitions that it asks for",
    UnmadeService "unmade-service" Warning acceptable "a host in values that is a Service which nothing makes there",
    UnmadeReference "unmade-reference" Warning acceptable "an existing Secret or ConfigMap in values that nobody is known to make",
    FluxMismatch "flux-mismatch" Error "a kit that says another Flux than its bp-flux installs",
    HelmTooOld "helm-too-old" Error "a chart that Flux's Helm cannot read",
    ChartTwice "chart-twice" Warning acceptable "a chart that two releases of a cluster bring",
    PodSecurity "pod-security" Warning acceptable "a pod-security level that no namespace gets, or that Pods need more than",
    ValueType "value-type" Error "a Helm value of a kind that the chart cannot use",
}

impl Code {
    /// Returns whether only a comparison with an earlier tree finds it.
    pub fn is_of_transition(self) -> bool {
        self == Self::UnacceptedLoss
    }

    /// Returns whether a manifest may accept it.
    pub fn is_acceptable(self) -> bool {
        Self::ACCEPTABLE.contains(&self.name())
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Code {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|code| code.name() == name).ok_or(())
    }
}
