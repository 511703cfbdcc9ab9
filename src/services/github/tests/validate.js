// Writes, for each query of the JSON list on standard input, what graphql-js finds wrong with it by the schema whose file is
// the first argument.
const fs = require("fs");
const path = require("path");
const file = process.argv[1];
const { buildSchema, parse, validate } = require(require.resolve("graphql", { paths: [path.dirname(file)] }));

// What GitHub publishes holds two fields of `EnterpriseOwnerInfo` twice, so its SDL is not valid itself.
const schema = buildSchema(fs.readFileSync(file, "utf8"), { assumeValidSDL: true });
const queries = JSON.parse(fs.readFileSync(0, "utf8"));
console.log(JSON.stringify(queries.map((query) => validate(schema, parse(query)).map((error) => error.message))));
