//! What stands before the values of a lock, read without decoding it: a compilation asks dozens of locks for a line or two.

/// Returns the functions that an older Helm lacks, each with the first version that has it: `3.17`.
pub(super) fn newer_functions(head: &str) -> impl Iterator<Item = (&str, &str)> {
    items(head, "newer-functions").filter_map(|line| text(line)?.split_once(" of Helm "))
}

/// Returns the charts that a chart always brings with it, by name: no value and no tag switches them off.
pub(super) fn unswitched_subcharts(head: &str) -> impl Iterator<Item = &str> {
    let always = |line: &&str| !line.contains(", condition = ") && !line.contains(", tags = ");
    items(head, "subcharts").filter(always).filter_map(|line| {
        // Those in a subchart stand below its name.
        let (_, at) = line.split_once("at = \"")?;
        let (at, _) = at.split_once('"')?;
        let (_, name) = line.split_once(", name = \"").filter(|_| !at.contains('.'))?;
        name.split_once('"').map(|(name, _)| name)
    })
}

/// Returns the definitions of custom resources, in `crds/` and among templates: group and kind.
pub(super) fn definitions(head: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = ["crds", "templated-crds"].into_iter().flat_map(move |key| items(head, key));
    lines.filter_map(|line| text(line)?.rsplit_once('/'))
}

/// Returns the items of a list, a line each.
fn items<'l>(head: &'l str, key: &str) -> impl Iterator<Item = &'l str> {
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

    const HEAD: &str = "chart = \"a\"\nsubcharts = [\n    { at = \"db\", name = \"postgresql\", version = \"1\" },\n    \
                        { at = \"db.common\", name = \"common\", version = \"2\" },\n    { at = \"x\", name = \"y\", \
                        version = \"1\", condition = \"x.enabled\" },\n]\ncrds = [\n    \"example.com/Web\",\n]\n\
                        templated-crds = [\n    \"db.example.com/Table\",\n]\ncapabilities = [\n    \"policy/v1\",\n    \
                        \"traefik.io/v1alpha1/Ingress\",\n]\nnewer-functions = [\n    \"fromToml of Helm 3.17\",\n]";

    #[test]
    fn lists_are_read_a_line_at_a_time() {
        assert_eq!(newer_functions(HEAD).collect::<Vec<_>>(), [("fromToml", "3.17")]);
        assert_eq!(unswitched_subcharts(HEAD).collect::<Vec<_>>(), ["postgresql"]);
        assert_eq!(
            definitions(HEAD).collect::<Vec<_>>(),
            [("example.com", "Web"), ("db.example.com", "Table")]
        );
        assert_eq!(unswitched_subcharts("chart = \"a\"\nopened = false\n").count(), 0);
    }
}
