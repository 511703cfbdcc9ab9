//! Documents of known tools.

use super::{Format, keys, keys_of};

#[test]
fn compose_environments_as_map_and_as_list_are_the_same() {
    let map = "services:\n  api:\n    image: acme/api:1.2\n    environment:\n      LOG: info\n      N: 1\n      FROM_HOST:\n    env_file: [a.env]\n";
    let list = "services:\n  api:\n    image: acme/api:1.2\n    environment:\n    - LOG=info\n    - N=1\n    - FROM_HOST\n    env_file: [a.env]\n";
    assert_eq!(
        keys(Format::Yaml, map),
        [
            "3:5 services.api.image String",
            "5:7 services.api.environment.LOG Untyped",
            "6:7 services.api.environment.N Untyped",
            "7:7 services.api.environment.FROM_HOST Null",
            "8:5 services.api.env_file List",
        ]
    );
    let paths = |text: &str| -> Vec<String> {
        keys(Format::Yaml, text).iter().map(|line| line.split_once(' ').unwrap().1.to_owned()).collect()
    };
    assert_eq!(paths(map), paths(list));
}

#[test]
fn kubernetes_objects_and_their_lists_go_by_name() {
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: shop}\nspec:\n  template:\n    spec:\n      containers:\n      - name: api\n        ports:\n        - {containerPort: 80}\n        - {containerPort: 53, protocol: UDP}\n        env:\n        - {name: LOG, value: info}\n        volumeMounts:\n        - {name: v, mountPath: /a}\n        - {name: v, mountPath: /b}\n        envFrom:\n        - configMapRef: {name: c}\n";
    let all = format!(
        "{deployment}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c, namespace: shop}}\ndata: {{LOG: info}}\n"
    );
    let said = keys(Format::Yaml, &all);
    for expected in [
        "10:12 Deployment/api.spec.template.spec.containers[api].ports[80].containerPort Number",
        "11:12 Deployment/api.spec.template.spec.containers[api].ports[53/UDP].containerPort Number",
        "13:23 Deployment/api.spec.template.spec.containers[api].env[LOG].value String",
        "16:21 Deployment/api.spec.template.spec.containers[api].volumeMounts[/b].mountPath String",
        "18:26 Deployment/api.spec.template.spec.containers[api].envFrom[c].configMapRef.name String",
        "23:8 ConfigMap/c.data.LOG String",
    ] {
        assert!(said.iter().any(|line| line == expected), "{expected}: {said:#?}");
    }
    // One object alone needs no name; two namespaces do; as a list they are the same.
    assert!(keys(Format::Yaml, deployment)[0].ends_with(" apiVersion String"));
    let two = "kind: A\nmetadata: {name: n, namespace: s}\n---\nkind: A\nmetadata: {name: n, namespace: t}\n";
    let list = "kind: List\nitems:\n- kind: A\n  metadata: {name: n, namespace: s}\n- kind: A\n  metadata: {name: n, namespace: t}\n";
    for text in [two, list] {
        let said = keys(Format::Yaml, text);
        assert!(said[0].ends_with(" A/s/n.kind String") && said[3].ends_with(" A/t/n.kind String"), "{said:?}");
    }
    let versions =
        "kind: A\napiVersion: v1\nmetadata: {name: n}\n---\nkind: A\napiVersion: x/v2\nmetadata: {name: n}\n";
    assert!(keys(Format::Yaml, versions)[3].ends_with(" x/v2/A/n.kind String"), "{:?}", keys(Format::Yaml, versions));
}

#[test]
fn kustomizations_task_definitions_and_app_json() {
    assert_eq!(
        keys(
            Format::Yaml,
            "configMapGenerator:\n- name: c\n  literals:\n  - LOG=info\n  - A=\"x=y\"\nimages:\n- {name: api, newTag: '1'}\n"
        ),
        [
            "2:3 configMapGenerator[c].name String",
            "4:5 configMapGenerator[c].literals.LOG Untyped",
            "5:5 configMapGenerator[c].literals.A Untyped",
            "7:4 images[api].name String",
            "7:15 images[api].newTag String",
        ]
    );
    assert_eq!(
        keys(
            Format::Json,
            r#"{"containerDefinitions": [{"name": "api", "environment": [{"name": "LOG", "value": "info"}]}]}"#
        ),
        [
            "1:28 containerDefinitions[api].name String",
            "1:60 containerDefinitions[api].environment[LOG].name String",
            "1:75 containerDefinitions[api].environment[LOG].value String",
        ]
    );
    assert_eq!(
        keys(Format::Json, r#"{"stack": "s", "env": {"A": "1", "B": {"value": "2", "required": true}}}"#),
        ["1:2 stack String", "1:24 env.A String", "1:34 env.B String", "1:54 env.B.required Boolean"]
    );
    assert_eq!(
        keys(
            Format::Yaml,
            "services:\n- name: api\n  type: web\n  envVars:\n  - {key: A, value: 1}\n  - {fromGroup: g}\n"
        ),
        [
            "2:3 services[api].name String",
            "3:3 services[api].type String",
            "5:6 services[api].envVars[A].key String",
            "5:14 services[api].envVars[A].value Number",
            "6:6 services[api].envVars[g].fromGroup String",
        ]
    );
}

#[test]
fn pulumi_and_workflows() {
    assert_eq!(
        keys_of(
            "infra/Pulumi.production.yaml",
            Format::Yaml,
            "encryptionsalt: v1:abc\nconfig:\n  aws:region: eu\n  app:token:\n    secure: v1:def\n  app:db:\n    password: {secure: x}\n    host: h\n"
        ),
        [
            "1:1 encryptionsalt Ciphertext",
            "3:3 config.aws:region String",
            "4:3 config.app:token Ciphertext",
            "7:5 config.app:db.password Ciphertext",
            "8:5 config.app:db.host String",
        ]
    );
    assert_eq!(
        keys_of(
            ".github/workflows/deploy.yml",
            Format::Yaml,
            "name: d\non: {push: {branches: [main]}}\nenv: {A: 1}\njobs:\n  deploy:\n    runs-on: x\n    env: {B: 2}\n    steps:\n    - {uses: actions/checkout@v5}\n    - {name: go, run: ./go, env: {C: 3}}\n"
        ),
        ["3:7 env.A Number", "7:11 jobs.deploy.env.B Number", "10:35 jobs.deploy.steps[go].env.C Number"]
    );
}

#[test]
fn a_document_that_looks_like_another_tools_hides_nothing() {
    assert_eq!(
        keys(Format::Yaml, "on: x\njobs: {a: 1}\ndebug: true\nenv: {A: 1}\n"),
        ["1:1 on String", "2:8 jobs.a Number", "3:1 debug Boolean", "4:7 env.A Number"]
    );
    assert_eq!(
        keys(Format::Yaml, "encryptionsalt: x\ndb:\n  password: {secure: CHANGEME}\n"),
        ["1:1 encryptionsalt String", "3:14 db.password.secure String"]
    );
    assert_eq!(
        keys(Format::Yaml, "services: {a: {image: x}}\nenvironment: [A=1, B]\ndebug: true\n"),
        ["1:16 services.a.image String", "2:1 environment List", "3:1 debug Boolean"]
    );
}

#[test]
fn what_is_encrypted_is_told_by_its_form() {
    let sealed = "kind: SealedSecret\nmetadata: {name: s}\nspec:\n  encryptedData: {PASSWORD: AgBy3i4}\n";
    assert_eq!(keys(Format::Yaml, sealed)[2..], ["4:19 spec.encryptedData.PASSWORD Ciphertext"]);
    let sops = "ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]";
    for (format, text) in [
        (Format::Yaml, format!("a: {sops}\n")),
        (Format::Yaml, format!("a: [{sops:?}]\n")),
        (Format::Yaml, "a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n".to_owned()),
        (Format::Json, format!("{{\"a\": {sops:?}}}")),
        (Format::Dotenv, format!("a={sops}\n")),
        (Format::Dotenv, "a=\"encrypted:BG8M6U+GKJGwpGA42ml2erb9+T2NBX6Z2JkBLynDy21p\"\n".to_owned()),
        (Format::Ini, format!("a = {sops}\n")),
        (Format::Properties, "a={cipher}682bc583f4641835fa2db009355293665d2647dade3375c0ee201de2a49f7bda\n".to_owned()),
    ] {
        let said = keys(format, &text);
        assert!(said.len() == 1 && said[0].ends_with(" a Ciphertext"), "{text}: {said:?}");
    }
}

#[test]
fn one_strange_item_hides_no_variable_of_compose() {
    let of = |list: &str| keys(Format::Yaml, &format!("services:\n  api:\n    image: a\n    {list}\n"));
    let expected = "4:62 an item of a list of variables is not of the form `NAME=value`";
    assert_eq!(of("environment: [\"DEBUG=1\", \"MODE=b\", \"C\",                  \"a b=1\"]"), [expected]);
    for item in ["{A: 1}", "'=1'", "'postgres://u:p@h/x?a=b'"] {
        assert_eq!(of(&format!("environment: [A=1, {item}]")).len(), 1, "{item}");
    }
    let names = of("environment: [\"${P}_A=1\", \"ProgramFiles(x86)=c\"]");
    assert_eq!(
        names[1..],
        ["4:19 services.api.environment.${P}_A Untyped", "4:31 services.api.environment.ProgramFiles(x86) Untyped"]
    );
    let labels =
        of("labels: [\"traefik.http.routers.${N:-a}.rule=Host(`a b`)\", \"t.domains[0].main=a\", 'caddy.@m.path=/x']");
    assert_eq!(labels.len(), 4, "{labels:?}");
}
