//! Migrations that are programs, read by their grammar.

use super::*;

fn found(files: &[(&str, &str)]) -> Vec<String> {
    let fake = files.iter().fold(Fake::new(), |fake, (path, text)| fake.file(path, text));
    of_layout(&fake, OFF)
}

/// What is said of one migration.
fn one(path: &str, text: &str) -> Vec<String> {
    found(&[(path, text)]).into_iter().map(|line| line.replacen(&format!(" {path}:"), " ", 1)).collect()
}

fn alembic(id: &str, after: &str, rest: &str) -> String {
    format!(
        "\"\"\"{id}\n\nCreate Date: 2026\n\"\"\"\nfrom alembic import op\n\nrevision: str = '{id}'\ndown_revision = {after}\n\n{rest}"
    )
}

const UPGRADE: &str = "def upgrade() -> None:\n    op.create_table('t')\n\n\n";

#[test]
fn alembic_goes_back_by_downgrade() {
    let says = |rest: &str| one("alembic/versions/a_x.py", &alembic("a", "None", rest));
    assert_eq!(says(&format!("{UPGRADE}def downgrade():\n    op.drop_table('t')\n")), Vec::<String>::new());
    assert_eq!(says(UPGRADE), ["error migrations/missing-down 10 `a_x` cannot be undone: it has no `downgrade`"]);
    assert_eq!(
        says(&format!("{UPGRADE}def downgrade():\n    # op.drop_table('t')\n    \"\"\"nothing\"\"\"\n    pass\n")),
        ["error migrations/empty-down 14 the way back of `a_x` does nothing: its `downgrade` does nothing"]
    );
    assert_eq!(
        says(&format!("{UPGRADE}def downgrade():\n    raise NotImplementedError('rows are gone')\n")),
        ["error migrations/irreversible 15 `a_x` declares that it cannot be undone: its `downgrade` says \
          `raise NotImplementedError('rows are gone')`"]
    );
    assert_eq!(says("def upgrade():\n    pass\n\ndef downgrade():\n    pass\n"), Vec::<String>::new(), "a merge");
    assert_eq!(
        says(&format!("{UPGRADE}def downgrade(:\n    op.drop_table('t')\n"))[0].split(' ').next(),
        Some("unresolved"),
        "what cannot be parsed is not judged"
    );
}

#[test]
fn alembic_has_one_head() {
    let whole =
        |id: &str, after: &str| alembic(id, after, &format!("{UPGRADE}def downgrade():\n    op.drop_table('t')\n"));
    let file = |fake: Fake, id: &str, after: &str| new(fake, &format!("m/versions/{id}.py"), &whole(id, after));
    let base = |id: &str, after: &str, fake: Fake| old(fake, &format!("m/versions/{id}.py"), &whole(id, after));
    let start = || base("z", "None", base("b", "'z'", change()));
    assert_eq!(
        says(&file(start(), "a", "'z'"), OFF)[0],
        "error migrations/conflicting-heads m/versions/a.py:8 `a` is not the only newest migration: beside it, `b` is a head too"
    );
    assert_eq!(says(&file(file(start(), "a", "'z'"), "c", "('a', 'b')"), OFF), ["2 migrations read, none rehearsed"]);
    assert_eq!(
        says(&file(start(), "c", "'gone'"), OFF)[0],
        "unresolved migrations/not-rehearsed m/versions/c.py:8 whether `c` can be undone is not told by its text: it follows the \
         revision `gone`, which is not there"
    );
    let listing = crate::migrations::layout::list(&start().world(), Tree::Head, &Migrations::default()).unwrap();
    let order: Vec<&str> = listing.folders[0].migrations.iter().map(|m| m.version.as_str()).collect();
    assert_eq!(order, ["z", "b"]);
}

#[test]
fn a_downgrade_may_be_mended_and_an_upgrade_may_not() {
    let text = alembic("a", "None", &format!("{UPGRADE}def downgrade():\n    pass\n"));
    let edit = |from: &str, to: &str| {
        let fake = change().file_in(Tree::Base, "m/versions/a.py", &text);
        says(&new(fake, "m/versions/a.py", &text.replace(from, to)), OFF)
    };
    assert_eq!(edit("    pass", "    op.drop_table('t')"), ["1 migration read, none rehearsed"]);
    assert_eq!(edit("Create Date: 2026", "Create Date: 2027").len(), 1, "what it says of itself");
    assert_eq!(
        edit("create_table('t')", "create_table('u')")[0],
        "error migrations/edited-after-release m/versions/a.py:11 `a` exists at the base and its up is changed"
    );
}

#[test]
fn a_program_is_not_rehearsed_here() {
    let text = alembic("a", "None", &format!("{UPGRADE}def downgrade():\n    op.drop_table('t')\n"));
    let fake = Fake::new().file("m/versions/a.py", &text);
    assert_eq!(
        says(&fake, ""),
        [
            "unresolved migrations/not-rehearsed m/versions/a.py `a` was not rehearsed: `m/versions/a.py` is code, which only its \
             framework can run",
            "1 migration, none rehearsed; 1 not determined"
        ]
    );
}

fn django(dependencies: &str, operations: &str) -> String {
    format!(
        "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n    dependencies = {dependencies}\n    \
         operations = [\n{operations}\n    ]\n"
    )
}

#[test]
fn django_operations_have_a_reverse() {
    let says = |operations: &str| one("shop/migrations/0001_x.py", &django("[]", operations));
    let nothing = Vec::<String>::new();
    assert_eq!(says("migrations.CreateModel(name='a', fields=[]), migrations.RemoveField('a', 'b'),"), nothing);
    assert_eq!(says("migrations.RunPython(fill, unfill), migrations.RunPython(fill, reverse_code=unfill),"), nothing);
    assert_eq!(
        says("migrations.RunPython(fill),"),
        ["error migrations/missing-down 7 `0001_x` cannot be undone: `RunPython` has no `reverse_code`"]
    );
    assert_eq!(
        says("migrations.RunPython(\n    code=fill,\n    atomic=False,\n    reverse_code=None,\n),"),
        ["error migrations/missing-down 7 `0001_x` cannot be undone: the `reverse_code` of `RunPython` is `None`"]
    );
    assert_eq!(
        says("migrations.RunPython(fill, migrations.RunPython.noop),"),
        [
            "note migrations/empty-down 7 `0001_x` declares that there is nothing to undo: the `reverse_code` of `RunPython` is \
          `migrations.RunPython.noop`"
        ]
    );
    assert_eq!(
        says("migrations.RunSQL('CREATE INDEX i ON t (a)', migrations.RunSQL.noop),"),
        ["error migrations/empty-down 7 the way back of `0001_x` does nothing: the `reverse_sql` of `RunSQL` is \
          `migrations.RunSQL.noop`"]
    );
    assert_eq!(
        says(
            "migrations.SeparateDatabaseAndState(\n    state_operations=[migrations.RunPython(a)],\n    \
              database_operations=[migrations.RunSQL(sql='SELECT 1')],\n),"
        ),
        ["error migrations/missing-down 9 `0001_x` cannot be undone: `RunSQL` has no `reverse_sql`"]
    );
    assert_eq!(
        says("AddAuditTrigger('a'),"),
        [
            "unresolved migrations/not-rehearsed 7 whether `0001_x` can be undone is not told by its text: `AddAuditTrigger` is an \
          operation of its own"
        ]
    );
    assert_eq!(
        one("shop/migrations/0001_x.py", &django("[]", "").replace("operations = [", "operations = START + [")),
        [
            "unresolved migrations/not-rehearsed 6 whether `0001_x` can be undone is not told by its text: its `operations` are computed"
        ]
    );
}

#[test]
fn django_has_one_leaf_an_app() {
    let model = "migrations.CreateModel(name='a', fields=[]),";
    let on = |name: &str| format!("[('shop', '{name}'), ('auth', '0001_initial')]");
    let file = |fake: Fake, name: &str, after: &str| {
        new(fake, &format!("shop/migrations/{name}.py"), &django(&on(after), model))
    };
    let base = old(change(), "shop/migrations/0001_initial.py", &django("[('auth', '0001_initial')]", model));
    let base = old(base, "shop/migrations/0002_a.py", &django(&on("0001_initial"), model));
    let base = old(base, "shop/migrations/__init__.py", "");
    assert_eq!(says(&base, OFF), ["no migration is new or changed among 2 in `shop/migrations` (Django)"]);
    assert_eq!(
        says(&file(base, "0002_b", "0001_initial"), OFF)[0],
        "error migrations/conflicting-heads shop/migrations/0002_b.py:5 `0002_b` is not the only newest migration: beside it, `0002_a` \
         is a leaf too"
    );
}

#[test]
fn rails_turns_a_change_around_where_it_can() {
    let says = |body: &str| {
        let text = format!("class AddX < ActiveRecord::Migration[8.0]\n  disable_ddl_transaction!\n{body}\nend\n");
        one("db/migrate/20260101000000_add_x.rb", &text)
    };
    let change = |body: &str| says(&format!("  def change\n    {body}\n  end"));
    let name = "`20260101000000_add_x`";
    let cannot = |what: &str| vec![format!("error migrations/missing-down 4 {name} cannot be undone: {what}")];
    for right in [
        "add_column :a, :b, :string, null: false",
        "create_table :a do |t|\n      t.string :b\n      t.remove :c\n    end",
        "remove_column :a, :b, :string",
        "remove_columns :a, :b, type: :string",
        "drop_table :a do |t|\n      t.string :b\n    end",
        "change_column_default :a, :b, from: nil, to: 1",
        "remove_index :a, column: :b",
        "remove_index :a, :b",
        "remove_foreign_key :a, to_table: :b",
        "reversible do |dir|\n      dir.up { execute 'A' }\n      dir.down { execute 'B' }\n    end",
        "revert do\n      drop_table :a\n    end",
        "# execute 'A'",
        "options = { from: 1, to: 2 }\n    change_column_default :a, :b, **options",
    ] {
        let said = change(right);
        assert!(said.is_empty() || right.contains("**"), "{right}: {said:?}");
    }
    for (wrong, what) in [
        ("execute 'DROP TABLE a'", "`execute` in `change` cannot be turned around"),
        ("change_column :a, :b, :text", "`change_column` in `change` cannot be turned around"),
        ("remove_column :a, :b", "`remove_column` in `change` cannot be turned around without the type"),
        ("drop_table :a", "`drop_table` in `change` cannot be turned around without a block that says what it was"),
        ("drop_table :a, :b", "`drop_table` in `change` cannot be turned around for several tables"),
        (
            "change_column_default :a, :b, 1",
            "`change_column_default` in `change` cannot be turned around without `from:` and `to:`",
        ),
        ("remove_index :a, name: :i", "`remove_index` in `change` cannot be turned around without the column"),
        ("safety_assured { execute 'A' }", "`execute` in `change` cannot be turned around"),
        ("reversible do |dir|\n      dir.up { execute 'A' }\n    end", "`reversible` has an `up` and no `down`"),
    ] {
        assert_eq!(change(wrong), cannot(what), "{wrong}");
    }
    let table = "change_table :a do |t|\n      t.string :b\n      t.remove :c\n    end";
    assert_eq!(
        change(table),
        [format!(
            "error migrations/missing-down 6 {name} cannot be undone: `remove` in `change` cannot be turned around without the type"
        )]
    );
    assert_eq!(
        change("up_only { execute 'A' }"),
        [format!("note migrations/empty-down 4 {name} declares that there is nothing to undo: it has `up_only`")]
    );
    assert_eq!(
        says("  def up\n    execute 'A'\n  end\n\n  def down\n    raise ActiveRecord::IrreversibleMigration\n  end"),
        [format!(
            "error migrations/irreversible 8 {name} declares that it cannot be undone: it says \
                  `raise ActiveRecord::IrreversibleMigration`"
        )]
    );
    assert_eq!(
        says("  def up\n    execute 'A'\n  end"),
        [format!("error migrations/missing-down 3 {name} cannot be undone: it has `up` and no `down`")]
    );
    assert_eq!(
        says("  def up\n    execute 'A'\n  end\n\n  def down\n    # nothing\n  end"),
        [format!("error migrations/empty-down 7 the way back of {name} does nothing: its `down` does nothing")]
    );
    assert_eq!(says("  def up; execute 'A'; end\n  def down; execute 'B'; end"), Vec::<String>::new());
}

#[test]
fn knex_exports_up_and_down() {
    let says = |text: &str| one("migrations/20260101_a.js", text);
    let name = "`20260101_a`";
    for right in [
        "exports.up = function (knex) { return knex.schema.createTable('a'); };\nexports.down = (knex) => knex.schema.dropTable('a');",
        "export async function up(knex) { await knex('a'); }\nexport async function down(knex) { await knex('b'); }",
        "async function up(knex) { await knex('a'); }\nconst down = async (knex) => { await knex('b'); };\nmodule.exports = { up, down };",
        "export const up = async (knex: Knex): Promise<void> => { await knex.raw('a'); };\nexport { down };\nfunction down(knex) { knex(); }",
        "module.exports = { async up(knex) { await a(knex); }, down: async (knex) => { await b(knex); }, config: { transaction: false } };",
    ] {
        assert_eq!(says(right), Vec::<String>::new(), "{right}");
    }
    let up = "exports.up = async function (knex) { await knex('a'); };\n";
    assert_eq!(says(up), [format!("error migrations/missing-down 1 {name} cannot be undone: it exports no `down`")]);
    assert_eq!(
        says(&format!("{up}exports.down = async () => {{ /* nothing */ }};")),
        [format!("error migrations/empty-down 2 the way back of {name} does nothing: its `down` does nothing")]
    );
    assert_eq!(
        says(&format!("{up}exports.down = function () {{\n  throw new Error('no way back');\n}};")),
        [format!(
            "error migrations/irreversible 3 {name} declares that it cannot be undone: its `down` says \
                  `throw new Error('no way back');`"
        )]
    );
    assert_eq!(
        says(&format!("{up}exports.down = require('./old').down;")),
        [format!(
            "unresolved migrations/not-rehearsed 2 whether {name} can be undone is not told by its text: its `down` is no function \
                  of this file"
        )]
    );
}

#[test]
fn node_pg_migrate_turns_up_around_where_there_is_no_down() {
    let says = |text: &str| one("migrations/1700000000000_a.js", text);
    let name = "`1700000000000_a`";
    assert_eq!(
        says("exports.up = (pgm) => { pgm.createTable('a', {}); pgm.addColumns('b', {}); };"),
        Vec::<String>::new()
    );
    assert_eq!(
        says("exports.up = (pgm) => {\n  pgm.sql('DROP TABLE a');\n};"),
        [format!(
            "error migrations/missing-down 2 {name} cannot be undone: it exports no `down`, and `pgm.sql` cannot be turned around"
        )]
    );
    assert_eq!(
        says("exports.up = (pgm) => { pgm.sql('A'); };\nexports.down = false;"),
        [format!("error migrations/irreversible 2 {name} declares that it cannot be undone: its `down` is `false`")]
    );
}

#[test]
fn other_programs_are_left_to_others() {
    let sequelize = "module.exports = { async up(queryInterface) {}, async down(queryInterface) {} };";
    assert_eq!(
        found(&[("migrations/20260101000000-a.js", sequelize)]),
        [
            "unresolved migrations/nothing-found migrations/20260101000000-a.js no migrations of a known framework were found, but what looks \
          like Sequelize (`migrations/20260101000000-a.js`), which is not judged"
        ]
    );
    assert_eq!(
        found(&[("src/migrations/1_a.ts", "export class A implements MigrationInterface {}")])[0]
            .split("what looks ")
            .nth(1),
        Some("like TypeORM (`src/migrations/1_a.ts`), which is not judged")
    );
    assert_eq!(
        found(&[("app/versions/api.py", "revision = 1\n"), ("lib/migrations/tool.py", "class Migration:\n    pass\n")]),
        ["unresolved migrations/nothing-found no migrations of a known framework were found"]
    );
}

/// Nesting without end neither overflows the stack nor takes for ever.
#[test]
fn t25_deep_programs_are_read() {
    let deep = format!("x = {}1{}\n", "(".repeat(20_000), ")".repeat(20_000));
    let text = alembic("a", "None", &format!("{deep}{UPGRADE}def downgrade():\n    op.drop_table('t')\n"));
    let said = one("m/versions/a.py", &text);
    assert!(said.iter().all(|line| line.starts_with("unresolved")), "{said:?}");
}
