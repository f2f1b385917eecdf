# Recipes: `just --list`.

# `.ci/run` has the same options; in rustfmt.toml the stable rustfmt would ignore them
rustfmt := "--config imports_granularity=Crate,group_imports=StdExternalCrate"

# everything that a change needs before it is proposed
default: lint test

# build everything
build:
    cargo build --workspace --all-targets

# the tests; those with containers need an engine
test:
    cargo test --workspace

# the formatting that `lint` and CI check
fmt:
    cargo fmt --all -- {{ rustfmt }}

# formatting, lints, licenses, documentation
lint:
    cargo fmt --all --check -- {{ rustfmt }}
    cargo clippy --workspace --all-targets -- -D warnings
    cargo deny check licenses bans sources
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --workspace

# what CI does, from a bare machine on
ci:
    bash .ci/run

# the images coalmine/reference:dev and coalmine/coalmine:dev
image:
    cargo xtask image

# the image of a runtime family
runtime family:
    cargo xtask runtime {{ family }}

# the vendors' own SDKs against the simulated world
sdk:
    cargo xtask sdk

# third-party servers, and whether they are judged rightly
third-party *only:
    cargo xtask third-party {{ only }}

# the SDK checks and the third-party servers with the newest packages
newest *only:
    cargo xtask newest {{ only }}

# every reader of hostile bytes, mutated inputs guided by coverage: `just fuzz --seconds 300 provider`
fuzz *arguments:
    cargo xtask fuzz {{ arguments }}

# the gate's workflows in a real runner: `just gate --verbose github`
gate *arguments:
    cargo xtask gate {{ arguments }}

# report.html in a headless Chromium: `just browser --screenshots DIR`
browser *arguments:
    cargo xtask browser {{ arguments }}

# runs that are killed at random moments, and what is left of them: `just kills 20 --image`
kills *arguments:
    cargo xtask kills {{ arguments }}

# time and memory, beside their promises
bench:
    cargo xtask bench

# the speed and memory of the simulated provider, beside another one and a bare handler
bench-provider:
    cargo xtask bench provider

# the JSON Schemas, generated again
schemas:
    cargo xtask schemas

# judge the embedded reference runtime
run *arguments:
    cargo run --release -- run {{ arguments }}
