//! The runtimes that are known.

use serde::{Deserialize, Serialize};

/// What runs or builds the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    Bun,
    Deno,
    /// The runtime: ASP.NET and target frameworks.
    Dotnet,
    /// What builds, whose version is another: an SDK 9 builds for .NET 8.
    DotnetSdk,
    Elixir,
    Go,
    Java,
    Node,
    Php,
    Python,
    Ruby,
    Rust,
}

impl Language {
    pub const ALL: &'static [Self] = &[
        Self::Bun,
        Self::Deno,
        Self::Dotnet,
        Self::DotnetSdk,
        Self::Elixir,
        Self::Go,
        Self::Java,
        Self::Node,
        Self::Php,
        Self::Python,
        Self::Ruby,
        Self::Rust,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Bun => "Bun",
            Self::Deno => "Deno",
            Self::Dotnet => ".NET",
            Self::DotnetSdk => ".NET SDK",
            Self::Elixir => "Elixir",
            Self::Go => "Go",
            Self::Java => "Java",
            Self::Node => "Node.js",
            Self::Php => "PHP",
            Self::Python => "Python",
            Self::Ruby => "Ruby",
            Self::Rust => "Rust",
        }
    }

    /// By the names that asdf and mise give their plugins.
    pub fn of_tool(name: &str) -> Option<Self> {
        // `core:node`, `asdf:nodejs`.
        let name = name.rsplit(':').next().unwrap_or(name);
        Some(match name {
            "bun" => Self::Bun,
            "deno" => Self::Deno,
            "dotnet" | "dotnet-core" | "dotnetcore" => Self::DotnetSdk,
            "elixir" => Self::Elixir,
            "go" | "golang" => Self::Go,
            "java" => Self::Java,
            "node" | "nodejs" => Self::Node,
            "php" => Self::Php,
            "python" => Self::Python,
            "ruby" => Self::Ruby,
            "rust" => Self::Rust,
            _ => return None,
        })
    }

    /// Whether what builds it is what ships: it is compiled into a program that needs no runtime, so that a stage before the last one
    /// decides.
    pub const fn is_compiled(self) -> bool {
        matches!(self, Self::Go | Self::Rust)
    }

    /// Whether one version builds for another, so that building and running may differ.
    pub const fn builds_for_others(self) -> bool {
        matches!(self, Self::Java | Self::Dotnet | Self::DotnetSdk | Self::Go | Self::Rust)
    }

    /// Whether a file of this name begins a project of its own.
    pub fn is_manifest(self, name: &str) -> bool {
        match self {
            Self::Bun | Self::Node => name == "package.json",
            Self::Deno => matches!(name, "deno.json" | "deno.jsonc"),
            Self::Dotnet | Self::DotnetSdk => {
                [".csproj", ".fsproj", ".sln", ".slnx"].iter().any(|end| name.ends_with(end))
            }
            Self::Elixir => name == "mix.exs",
            Self::Go => name == "go.mod",
            Self::Java => matches!(name, "pom.xml" | "build.gradle" | "build.gradle.kts"),
            Self::Php => name == "composer.json",
            Self::Python => {
                matches!(name, "pyproject.toml" | "setup.py" | "setup.cfg" | "Pipfile" | "requirements.txt")
            }
            Self::Ruby => name == "Gemfile" || name.ends_with(".gemspec"),
            Self::Rust => name == "Cargo.toml",
        }
    }
}

/// Release lines of Node.js by their names (<https://github.com/nodejs/Release>).
pub(super) const NODE_LINES: &[(&str, u64)] = &[
    ("argon", 4),
    ("boron", 6),
    ("carbon", 8),
    ("dubnium", 10),
    ("erbium", 12),
    ("fermium", 14),
    ("gallium", 16),
    ("hydrogen", 18),
    ("iron", 20),
    ("jod", 22),
    ("krypton", 24),
];
