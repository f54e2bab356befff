//! What a change of a variable costs, as the module that reads it makes of it.

/// What a change of a variable costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// Another value makes the machines anew.
    Machines,
    /// It is the number of machines of the control plane, or a flag that stands for so many. Where it gets smaller, members
    /// of etcd go with their disks.
    ControlPlanes {
        /// What the flag stands for where it is set; 1 where it is not.
        of_flag: i64,
    },
    /// It is a number of machines. Where it gets smaller, some go with their disks.
    Workers,
    /// It is a version that wrote what an older one cannot read.
    Version,
    /// It names where data are.
    Place,
}
