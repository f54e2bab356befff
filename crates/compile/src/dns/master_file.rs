//! `dns/<fqdn>.zone`: the zone as a master file (RFC 1035, section 5).

use std::fmt::Write as _;

use super::{Data, RecordSet, Zone, lua};

/// What stands before a line that only PowerDNS reads.
const LUA: &str = ";lua ";

/// Takes a zone, gives its master file; `None` if no name server has an address yet, since such a zone is none.
///
/// PowerDNS reads the type LUA only by its name, and everything else only by its number, in the form of RFC 3597. So a
/// LUA record stands there in both forms, the first one behind a mark.
pub(crate) fn render(zone: &Zone) -> Option<String> {
    zone.servers().first()?;
    let (name, number) = (&zone.name, lua::TYPE);
    let mut out = format!(
        "; [domain]: the zone {name}. Written by sovereign: edit sovereign.toml, not this file.\n\
         ; PowerDNS takes {name}.json by its API. From this file, it reads LUA behind the mark alone:\n\
         ;   sed -e 's/^{LUA}//' -e '/ TYPE{number} /d' {name}.zone >lua.zone && pdnsutil load-zone {name} lua.zone\n\
         $ORIGIN {}\n",
        name.absolute(),
    );
    for (index, record) in zone.records().iter().enumerate() {
        // One heading for the zone's own, and one for each set of an application: one that comes or goes then changes no
        // line of another's.
        if index == 0 || record.table != super::TABLE {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "; {}, kept by {}", record.table, record.writer.name());
        }
        for line in lines(record) {
            out.push_str(&line);
            out.push('\n');
        }
    }
    Some(out)
}

fn lines(record: &RecordSet) -> Vec<String> {
    let lines = record.lines();
    let Data::Lua(answer) = &record.data else { return lines };
    let marked = lines.iter().map(|line| format!("{LUA}{line}"));
    marked.chain([record.line(&format!("TYPE{}", lua::TYPE), &answer.generic())]).collect()
}
