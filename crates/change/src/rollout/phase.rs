//! The phases of a rollout, in the order in which they come.

/// When something happens. A phase is one commit; phases in which nothing happens are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Objects that another Kustomization will apply are kept from being pruned by the one that applies them now.
    Keep,
    /// Clusters that are new, and what makes their machines. Nobody relies on them yet.
    Arrive,
    /// What the failover controller works on goes before that is switched off, and before the halves of its database go.
    Loosen,
    /// Everything that comes or changes in clusters that stay, and what may go with it.
    Change,
    /// Another primary: names, roles and values that speak of it. What moves applications leaves the old one.
    Switch,
    /// What there is once, in the primary, comes in the new one: it has left the old one, or does nothing there any more.
    Follow,
    /// In clusters that go: what asked others for something (load balancers, machines, names) goes, while the
    /// controllers that can take it away still run.
    Drain,
    /// What loses data, or what others stood on, goes: users first, so there may be several of these.
    Remove(u8),
    /// What takes over the identity of something that went.
    Return,
    /// Clusters that go.
    Leave,
    /// What made the machines of clusters that have gone.
    Forget,
    /// The last cluster of a Sovereign that goes.
    Close,
    /// Objects in their new layers may be pruned again.
    Settle,
}

impl Phase {
    /// Returns one word for it; stable, for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Arrive => "arrive",
            Self::Loosen => "loosen",
            Self::Change => "change",
            Self::Switch => "switch",
            Self::Follow => "follow",
            Self::Drain => "drain",
            Self::Remove(_) => "remove",
            Self::Return => "return",
            Self::Leave => "leave",
            Self::Forget => "forget",
            Self::Close => "close",
            Self::Settle => "settle",
        }
    }

    /// Returns what happens, in one sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Keep => "What changes its layer is kept from being pruned.",
            Self::Arrive => "New regions come; nobody relies on them yet.",
            Self::Loosen => "What the failover controller works on goes before the controller does.",
            Self::Change => "What is new comes, and what stays changes.",
            Self::Switch => "Names and roles go over to the new primary.",
            Self::Follow => "What there is once comes in the new primary.",
            Self::Drain => "In regions that go, whatever asked the cloud for something goes first.",
            Self::Remove(0) => "What nobody needs any more goes.",
            Self::Remove(_) => "What those stood on goes.",
            Self::Return => "What takes the place of something that went comes.",
            Self::Leave => "Regions that go leave the tree.",
            Self::Forget => "What made the machines of regions that have left leaves, too.",
            Self::Close => "The last region leaves: the tree holds no cluster any more.",
            Self::Settle => "What has changed its layer may be pruned again.",
        }
    }
}
