//! `coalmine schema`, `coalmine completions`, `coalmine man`

use clap::CommandFactory;
use clap_complete::Shell;
use coalmine::{
    baseline::Baseline,
    event::Envelope,
    plan::{Canary, Profile},
};
use coalmine_attest::{Statement, TestResult};
use coalmine_gate::{lint::LintOutput, rollout::fleet::Fleet};
use coalmine_report::{Comparison, Summary};

use crate::{
    arguments::{Arguments, SchemaName},
    failure::Failure,
    printer::Printer,
    project::ProjectFile,
};

pub(crate) fn schema(name: SchemaName, printer: &mut Printer) -> Result<u8, Failure> {
    printer.answer(schema_text(name));
    Ok(0)
}

/// Returns a schema as it is checked in, without the last line break.
pub(crate) fn schema_text(name: SchemaName) -> String {
    let generator = || schemars::generate::SchemaSettings::draft2020_12().into_generator();
    let schema = match name {
        SchemaName::Canary => generator().into_root_schema_for::<Canary>(),
        SchemaName::Profile => generator().into_root_schema_for::<Profile>(),
        SchemaName::Event => generator().into_root_schema_for::<Envelope>(),
        SchemaName::Summary => generator().into_root_schema_for::<Summary>(),
        SchemaName::Lint => generator().into_root_schema_for::<LintOutput>(),
        SchemaName::Attestation => generator().into_root_schema_for::<Statement<TestResult>>(),
        SchemaName::Baseline => generator().into_root_schema_for::<Baseline>(),
        SchemaName::Comparison => generator().into_root_schema_for::<Comparison>(),
        SchemaName::Project => generator().into_root_schema_for::<ProjectFile>(),
        SchemaName::Fleet => generator().into_root_schema_for::<Fleet>(),
    };
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}

pub(crate) fn completions(shell: Shell) -> Result<u8, Failure> {
    clap_complete::generate(shell, &mut Arguments::command(), "coalmine", &mut std::io::stdout());
    Ok(0)
}

pub(crate) fn man() -> Result<u8, Failure> {
    let page = clap_mangen::Man::new(Arguments::command());
    page.render(&mut std::io::stdout())
        .map_err(|error| Failure::new("could not write the man page").because(error))?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checked_in_schemas_are_fresh() {
        let names = [
            ("canary", SchemaName::Canary),
            ("profile", SchemaName::Profile),
            ("event", SchemaName::Event),
            ("summary", SchemaName::Summary),
            ("lint", SchemaName::Lint),
            ("attestation", SchemaName::Attestation),
            ("comparison", SchemaName::Comparison),
            ("baseline", SchemaName::Baseline),
            ("project", SchemaName::Project),
            ("fleet", SchemaName::Fleet),
        ];
        for (name, which) in names {
            let path = format!("{}/../../schemas/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
            let found = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(found.trim_end() == schema_text(which), "{path} is stale: run `cargo xtask schemas`");
        }
    }

    #[test]
    fn command_line_is_valid() {
        Arguments::command().debug_assert();
    }
}
