//! How much expressions may be.

/// The longest string with an expression, in bytes: a value that needs more is no value but a program.
pub(super) const LONGEST: usize = 1000;
/// The most operators, filters and parentheses of one expression. People write three or four; each may stand in the one
/// before, and takes a part of the stack.
pub(super) const MOST_OPERATIONS: usize = 64;
/// The most that the expressions of one blueprint may make in one region, in bytes, what is made on the way counted too.
/// A release with more could not be stored: etcd takes no request over 1.5 MiB.
pub(super) const MOST_WORK: usize = 1 << 20;
