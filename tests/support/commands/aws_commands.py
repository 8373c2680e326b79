"""Checks commands of the AWS CLI against the models of the services, which botocore and the CLI share.

Reads a JSON list of commands, each a list of words. Prints a JSON list with the faults of each.
"""
import json
import sys

import jmespath
from botocore import xform_name
from botocore.session import get_session

# AWS CLI Command Reference: "Global options", and the arguments that every paginated or blocking command has.
GLOBAL = {
    "--profile", "--region", "--output", "--query", "--endpoint-url", "--color",
    "--cli-binary-format", "--cli-input-json", "--cli-read-timeout", "--cli-connect-timeout",
    "--max-items", "--starting-token", "--page-size", "--generate-cli-skeleton",
}
GLOBAL_SWITCHES = {"--no-cli-pager", "--no-paginate", "--debug", "--no-verify-ssl", "--no-sign-request"}

# Services whose commands have another name than their model.
MODELS = {"deploy": "codedeploy", "s3api": "s3", "configservice": "config"}

# Commands of the CLI itself, with their options (AWS CLI Command Reference, the page of each command).
CUSTOM = {
    ("cloudformation", "deploy"): {
        "--template-file", "--stack-name", "--s3-bucket", "--parameter-overrides", "--capabilities",
        "--no-execute-changeset", "--no-fail-on-empty-changeset", "--tags", "--role-arn",
    },
    ("logs", "tail"): {"--since", "--follow", "--format", "--filter-pattern", "--log-stream-names"},
    ("s3", "cp"): {"--recursive", "--exclude", "--include", "--quiet"},
    ("s3", "ls"): {"--recursive", "--human-readable", "--summarize"},
    ("s3", "sync"): {"--exclude", "--include", "--quiet", "--delete"},
}

session = get_session()


def options_of(words):
    """The options with their values, and the words before the first one."""
    positional, options, current = [], {}, None
    for word in words:
        if word.startswith("--"):
            current = word
            options[word] = []
        elif current is None or current in GLOBAL_SWITCHES:
            positional.append(word)
        else:
            options[current].append(word)
    return positional, options


def faults_of(command):
    positional, options = options_of(command[1:])
    if len(positional) < 2:
        return ["names no service and operation before its options"]
    service, name, *others = positional
    faults = []
    try:
        if "--query" in options:
            jmespath.compile(" ".join(options["--query"]))
    except jmespath.exceptions.ParseError as error:
        faults.append(f"--query: {error}")
    own = {option: values for option, values in options.items() if option not in GLOBAL | GLOBAL_SWITCHES}

    if (service, name) in CUSTOM:
        return faults + [f"{option} is no option" for option in own if option not in CUSTOM[service, name]]
    if MODELS.get(service, service) not in session.get_available_services():
        return [f"{service} is no service"]
    model = session.get_service_model(MODELS.get(service, service))
    if name == "wait":
        client = session.create_client(model.service_name, region_name="eu-west-1")
        waiter = others.pop(0) if others else ""
        if waiter.replace("-", "_") not in client.waiter_names:
            return [f"{waiter} is no waiter of {service}"]
        name = xform_name(client.get_waiter(waiter.replace("-", "_")).config.operation, "-")
    operations = {xform_name(operation, "-"): operation for operation in model.operation_names}
    if name not in operations:
        return [f"{name} is no operation of {service}"]
    if others:
        faults.append(f"{others} belong to no option")

    shape = model.operation_model(operations[name]).input_shape
    members = {} if shape is None else {f"--{xform_name(member, '-')}": member for member in shape.members}
    for option, values in own.items():
        member = members.get(option) or members.get(option.replace("--no-", "--", 1))
        if member is None:
            faults.append(f"{option} is no option")
            continue
        kind = shape.members[member]
        if kind.type_name == "boolean":
            if values:
                faults.append(f"{option} takes no value")
            continue
        if not values:
            faults.append(f"{option} needs a value")
        if getattr(kind, "enum", None) and not set(values) <= set(kind.enum):
            faults.append(f"{option}: {values} is none of {kind.enum}")
        if kind.type_name in ("structure", "list", "map"):
            for value in values:
                if value[:1] in ("{", "["):
                    json.loads(value)
    required = [] if shape is None else shape.required_members
    given = {members.get(option) for option in own}
    if "--cli-input-json" not in options:
        faults += [f"--{xform_name(member, '-')} is missing" for member in required if member not in given]
    return faults


print(json.dumps([faults_of(command) for command in json.load(sys.stdin)]))
