//! The frameworks that are known, and what each does with migrations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Engine;

/// Who runs the migrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Framework {
    /// `1_name.up.sql`, `1_name.down.sql`.
    GolangMigrate,
    /// `2026-01-31-120000_name/up.sql`, `…/down.sql`.
    Diesel,
    /// `1_name.up.sql`, `1_name.down.sql`, or `1_name.sql` without a down.
    Sqlx,
    /// `1_name.sql` with `-- migrate:up` and `-- migrate:down`.
    Dbmate,
    /// `1_name.sql` with `-- +goose Up` and `-- +goose Down`.
    Goose,
    /// `V1__name.sql`, `U1__name.sql`; both go forward.
    Refinery,
    /// `sqitch.plan`, `deploy/name.sql`, `revert/name.sql`.
    Sqitch,
    /// `V1__name.sql`, `U1__name.sql`, `R__name.sql`.
    Flyway,
    /// Changelogs in SQL, XML, YAML or JSON.
    Liquibase,
    /// `atlas.sum`, `1_name.sql`.
    Atlas,
    /// `migrations/<database>/1700000000000_name/up.sql`, `…/down.sql`.
    Hasura,
    /// `1_name.up.sql`, `1_name.down.sql`, some with `-- morph:nontransactional`.
    Morph,
    /// `migrations/20260131120000_name/migration.sql`.
    Prisma,
    /// `meta/_journal.json`, `0000_name.sql`.
    Drizzle,
    /// `supabase/migrations/20260131120000_name.sql`.
    Supabase,
    /// `1_name.sql` with `-- Up Migration` and `-- Down Migration`, or JavaScript.
    NodePgMigrate,
    /// `1_name.sql` with `-- +migrate Up` and `-- +migrate Down`.
    SqlMigrate,
    /// `20260131120000_name.tx.up.sql`, `….tx.down.sql`.
    Bun,
    /// `001_name.sql` with `---- create above / drop below ----`.
    Tern,
    /// `conf/evolutions/default/1.sql` with `# --- !Ups` and `# --- !Downs`.
    PlayEvolutions,
    /// Files that the `template` of the policy describes.
    Template,
    /// Python with `revision` and `down_revision`.
    Alembic,
    /// Python with `class Migration(migrations.Migration)`.
    Django,
    /// `db/migrate/20260131120000_name.rb`.
    Rails,
    /// JavaScript or TypeScript that exports `up` and `down`.
    Knex,
}

impl Framework {
    pub const fn word(self) -> &'static str {
        match self {
            Self::GolangMigrate => "golang-migrate",
            Self::Diesel => "diesel",
            Self::Sqlx => "sqlx",
            Self::Dbmate => "dbmate",
            Self::Goose => "goose",
            Self::Refinery => "refinery",
            Self::Sqitch => "sqitch",
            Self::Flyway => "Flyway",
            Self::Liquibase => "Liquibase",
            Self::Atlas => "Atlas",
            Self::Hasura => "Hasura",
            Self::Morph => "morph",
            Self::Prisma => "Prisma",
            Self::Drizzle => "Drizzle",
            Self::Supabase => "Supabase",
            Self::NodePgMigrate => "node-pg-migrate",
            Self::SqlMigrate => "sql-migrate",
            Self::Bun => "bun",
            Self::Tern => "tern",
            Self::PlayEvolutions => "Play",
            Self::Template => "template",
            Self::Alembic => "Alembic",
            Self::Django => "Django",
            Self::Rails => "Rails",
            Self::Knex => "Knex",
        }
    }

    /// A migration that sorts before one that has run is applied all the same. The others skip it silently, refuse it or
    /// have no such thing.
    pub const fn applies_out_of_order(self) -> bool {
        match self {
            Self::Diesel
            | Self::Sqlx
            | Self::Dbmate
            | Self::Liquibase
            | Self::Hasura
            | Self::Morph
            | Self::Prisma
            | Self::SqlMigrate
            | Self::Bun
            | Self::Django
            | Self::Alembic
            | Self::Rails => true,
            Self::GolangMigrate
            | Self::Goose
            | Self::Refinery
            | Self::Sqitch
            | Self::Flyway
            | Self::Atlas
            | Self::Drizzle
            | Self::Supabase
            | Self::NodePgMigrate
            | Self::Tern
            | Self::PlayEvolutions
            | Self::Template
            | Self::Knex => false,
        }
    }

    /// Whether the framework itself sends BEGIN before a script whose transaction is not switched off. golang-migrate and Hasura
    /// send the file as one query, which PostgreSQL runs as one transaction of its own; golang-migrate's driver for SQLite
    /// wraps: <https://github.com/golang-migrate/migrate/blob/master/database/sqlite3/sqlite3.go>.
    pub const fn begins(self, engine: Engine) -> bool {
        match self {
            Self::GolangMigrate => matches!(engine, Engine::Sqlite),
            Self::Hasura | Self::Prisma | Self::Sqitch | Self::PlayEvolutions => false,
            _ => true,
        }
    }
}

/// The framework that the policy names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FrameworkChoice {
    /// Told by the files' names and content and by the project around them.
    #[default]
    Auto,
    GolangMigrate,
    Diesel,
    Sqlx,
    Dbmate,
    Goose,
    Refinery,
    Sqitch,
    Flyway,
    Liquibase,
    Atlas,
    Hasura,
    Morph,
    Prisma,
    Drizzle,
    Supabase,
    NodePgMigrate,
    SqlMigrate,
    Bun,
    Tern,
    PlayEvolutions,
    Alembic,
    Django,
    Rails,
    Knex,
}

impl FrameworkChoice {
    pub(in super::super) const fn chosen(self) -> Option<Framework> {
        Some(match self {
            Self::Auto => return None,
            Self::GolangMigrate => Framework::GolangMigrate,
            Self::Diesel => Framework::Diesel,
            Self::Sqlx => Framework::Sqlx,
            Self::Dbmate => Framework::Dbmate,
            Self::Goose => Framework::Goose,
            Self::Refinery => Framework::Refinery,
            Self::Sqitch => Framework::Sqitch,
            Self::Flyway => Framework::Flyway,
            Self::Liquibase => Framework::Liquibase,
            Self::Atlas => Framework::Atlas,
            Self::Hasura => Framework::Hasura,
            Self::Morph => Framework::Morph,
            Self::Prisma => Framework::Prisma,
            Self::Drizzle => Framework::Drizzle,
            Self::Supabase => Framework::Supabase,
            Self::NodePgMigrate => Framework::NodePgMigrate,
            Self::SqlMigrate => Framework::SqlMigrate,
            Self::Bun => Framework::Bun,
            Self::Tern => Framework::Tern,
            Self::PlayEvolutions => Framework::PlayEvolutions,
            Self::Alembic => Framework::Alembic,
            Self::Django => Framework::Django,
            Self::Rails => Framework::Rails,
            Self::Knex => Framework::Knex,
        })
    }
}
