//! The Markdown of a benchmark: the targets first, then each row with every contestant.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{BenchRecord, Comparison, Contestant, NotMeasured, Row, Target, grouped};
use crate::spread::Spread;

/// The whole document.
pub(crate) fn render(record: &BenchRecord) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = provenance(&mut text, record);
    let _ = targets(&mut text, record);
    for row in &record.rows {
        let _ = details(&mut text, row);
    }
    for NotMeasured { row, reason } in &record.not_measured {
        let _ =
            writeln!(text, "\n## {row}: not measured\n\n    {}", reason.replace('\n', "\n    "));
    }
    text
}

fn provenance(text: &mut String, record: &BenchRecord) -> std::fmt::Result {
    let BenchRecord { machine, .. } = record;
    writeln!(text, "# Benchmark\n")?;
    writeln!(
        text,
        "Made by `{}` at {} in {:.0} s, on {} × {}, {}, load {:.2} before the start.",
        record.command,
        record.started,
        record.elapsed_s,
        machine.cpus,
        machine.cpu_model,
        machine.kernel,
        machine.load_before,
    )?;
    let versions: Vec<_> =
        record.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
    writeln!(
        text,
        "{}. Loopback, {} connections, {} bytes of content, conditional requests \
        answered 304.\n",
        versions.join(", "),
        record.connections,
        grouped(record.resource_bytes as f64)
    )?;
    writeln!(
        text,
        "Every round measures all contestants of a row in turn, {} rounds; figures are medians \
         with least–greatest. Ratios of one run may be quoted; absolute figures belong to this \
         machine.",
        record.pairs
    )
}

fn targets(text: &mut String, record: &BenchRecord) -> std::fmt::Result {
    writeln!(text, "\n| what | median | least–greatest | target | met |")?;
    writeln!(text, "| --- | ---: | ---: | ---: | --- |")?;
    for comparison in record.rows.iter().flat_map(|row| &row.comparisons) {
        let Comparison { what, unit, spread, target, met, .. } = comparison;
        writeln!(
            text,
            "| {what} | {} {unit} | {} | {} | {} |",
            grouped(spread.median),
            range(spread),
            target.map_or_else(|| "–".to_owned(), |target| wanted(target, unit)),
            match met {
                Some(true) => "yes",
                Some(false) => "**no**",
                None => "–",
            },
        )?;
    }
    Ok(())
}

fn details(text: &mut String, row: &Row) -> std::fmt::Result {
    writeln!(text, "\n## {}: {}\n\n{}\n", row.name, row.title, row.setup)?;
    let roles: BTreeSet<_> =
        row.contestants.iter().flat_map(|contestant| contestant.cpu_us_per_poll.keys()).collect();
    write!(text, "| | median | least–greatest | unit |")?;
    for role in &roles {
        write!(text, " CPU µs/poll, {role} |")?;
    }
    writeln!(text, "\n| --- | ---: | ---: | --- |{}", " ---: |".repeat(roles.len()))?;
    for Contestant { name, unit, value, cpu_us_per_poll, .. } in &row.contestants {
        write!(text, "| {name} | {} | {} | {unit} |", grouped(value.median), range(value))?;
        for role in &roles {
            let cpu = cpu_us_per_poll.get(*role).map_or_else(|| "–".to_owned(), |us| grouped(*us));
            write!(text, " {cpu} |")?;
        }
        writeln!(text)?;
    }
    writeln!(text)?;
    let elsewhere = row.cpus_elsewhere();
    writeln!(
        text,
        "- processors busy with anything else meanwhile: {:.2}, at most {:.2}",
        elsewhere.median, elsewhere.max
    )?;
    for Comparison { what, values, unit, .. } in &row.comparisons {
        let values: Vec<_> = values.iter().map(|value| grouped(*value)).collect();
        writeln!(text, "- {what}, round by round: {} {unit}", values.join(", "))?;
    }
    Ok(())
}

fn range(spread: &Spread) -> String {
    format!("{}–{}", grouped(spread.min), grouped(spread.max))
}

fn wanted(target: Target, unit: &str) -> String {
    match target {
        Target::AtLeast(least) => format!("≥ {} {unit}", grouped(least)),
        Target::AtMost(most) => format!("≤ {} {unit}", grouped(most)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::tests::contestant;
    use super::*;
    use crate::machine::Machine;

    fn record() -> BenchRecord {
        let ours = contestant("etag-lab poll", &[150_000.0, 120_000.0, 130_000.0]);
        let mut theirs = contestant("wrk", &[100_000.0, 100_000.0, 130_000.0]);
        theirs.cpu_us_per_poll.clear();
        let target = Target::AtLeast(1.2);
        BenchRecord {
            schema: super::super::SCHEMA,
            command: "scripts/bench --pairs 3".to_owned(),
            started: "2024-01-02T03:04:05Z".to_owned(),
            elapsed_s: 61.4,
            machine: Machine {
                cpu_model: "Model".to_owned(),
                cpus: 2,
                kernel: "Linux 6.0".to_owned(),
                load_before: 0.1,
            },
            versions: BTreeMap::from([("nginx".to_owned(), "1.2".to_owned())]),
            pairs: 3,
            seconds: 3,
            resource_bytes: 8_192,
            connections: 64,
            rows: vec![Row {
                name: "client",
                title: "who polls fastest",
                setup: "Against nginx.".to_owned(),
                comparisons: vec![
                    Comparison::of_ratios("client vs wrk", &ours, &[&theirs], target),
                    Comparison::of_cpu("CPU", (&ours, &["client"]), (&ours, &["client"])),
                ],
                contestants: vec![ours, theirs],
            }],
            not_measured: vec![NotMeasured { row: "lab", reason: "no luck".to_owned() }],
        }
    }

    #[test]
    fn the_document_is_the_targets_and_then_the_rows() {
        let expected = "\
# Benchmark

Made by `scripts/bench --pairs 3` at 2024-01-02T03:04:05Z in 61 s, on 2 × Model, Linux 6.0, load 0.10 before the start.
nginx 1.2. Loopback, 64 connections, 8,192 bytes of content, conditional requests answered 304.

Every round measures all contestants of a row in turn, 3 rounds; figures are medians with least–greatest. Ratios of one run may be quoted; absolute figures belong to this machine.

| what | median | least–greatest | target | met |
| --- | ---: | ---: | ---: | --- |
| client vs wrk | 1.20 × | 1.00–1.50 | ≥ 1.20 × | yes |
| CPU | 1.00 × | 1.00–1.00 | – | – |

## client: who polls fastest

Against nginx.

| | median | least–greatest | unit | CPU µs/poll, client |
| --- | ---: | ---: | --- | ---: |
| etag-lab poll | 130,000 | 120,000–150,000 | polls/s | 4.00 |
| wrk | 100,000 | 100,000–130,000 | polls/s | – |

- processors busy with anything else meanwhile: 0.00, at most 0.00
- client vs wrk, round by round: 1.50, 1.20, 1.00 ×
- CPU, round by round: 1.00, 1.00, 1.00 ×

## lab: not measured

    no luck
";
        assert_eq!(render(&record()), expected);
    }
}
