//! What stands before the values of a lock, read without decoding the rest: a compilation asks dozens of locks for a line or two.

use super::BEGIN;

/// Returns the functions that an older Helm lacks, each with the first version that has it: `3.17`.
pub fn newer_functions(lock: &str) -> impl Iterator<Item = (&str, &str)> {
    items(lock, "newer-functions").filter_map(|line| text(line)?.split_once(" of Helm "))
}

/// Returns the charts that a chart always brings with it, by name: no value and no tag switches them off.
pub fn unswitched_subcharts(lock: &str) -> impl Iterator<Item = &str> {
    let always = |line: &&str| !line.contains(", condition = ") && !line.contains(", tags = ");
    items(lock, "subcharts").filter(always).filter_map(|line| {
        // Those in a subchart stand below its name.
        let (_, at) = line.split_once("at = \"")?;
        let (at, _) = at.split_once('"')?;
        let (_, name) = line.split_once(", name = \"").filter(|_| !at.contains('.'))?;
        name.split_once('"').map(|(name, _)| name)
    })
}

/// Returns the items of a list, a line each.
fn items<'l>(lock: &'l str, key: &str) -> impl Iterator<Item = &'l str> {
    let head = lock.split_once(BEGIN).map_or(lock, |(head, _)| head);
    let list = head.split_once(&format!("\n{key} = [\n")).map(|(_, list)| list);
    list.into_iter().flat_map(str::lines).take_while(|line| *line != "]").map(str::trim)
}

/// Returns the text of a line that holds one.
fn text(line: &str) -> Option<&str> {
    line.strip_prefix('"')?.strip_suffix("\",")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "chart = \"a\"\nsubcharts = [\n    { at = \"db\", name = \"postgresql\", version = \"1\" },\n    \
                        { at = \"db.common\", name = \"common\", version = \"2\" },\n    { at = \"x\", name = \"y\", \
                        version = \"1\", condition = \"x.enabled\" },\n]\ncapabilities = [\n    \"policy/v1\",\n    \
                        \"traefik.io/v1alpha1/Ingress\",\n]\nnewer-functions = [\n    \"fromToml of Helm 3.17\",\n]\nvalues = \
                        '''\na int 1\n'''\n";

    #[test]
    fn lists_are_read_a_line_at_a_time() {
        assert_eq!(newer_functions(LOCK).collect::<Vec<_>>(), [("fromToml", "3.17")]);
        assert_eq!(unswitched_subcharts(LOCK).collect::<Vec<_>>(), ["postgresql"]);
        assert_eq!(unswitched_subcharts("chart = \"a\"\nopened = false\n").count(), 0);
    }
}
