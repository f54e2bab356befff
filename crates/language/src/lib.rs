//! The language of sovereign.toml and of kits: scalar types, tables, manifest, kits.

pub mod cloud;
pub mod expression;
pub mod grammar;
pub mod image;
pub mod input;
pub mod kit;
pub mod manifest;
pub mod reference;
pub mod shape;
