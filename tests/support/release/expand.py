"""Expands SAM templates with SAM's own translator, as CloudFormation does, and evaluates what came out.

stdin: [{"template": "<YAML or JSON>", "withEvents": false, "parameters": {"LogLevel": "DEBUG"}}, ...]
Without events, that is without the routes of the API, an expansion takes a fraction of the time.
stdout: for each, {"<function>": {"version": "<logical id>", "settings": {...}}}, where `settings` are the properties of
the AWS::Lambda::Function that a version of it keeps, with parameters and conditions resolved.
"""

import json
import logging
import os
import re
import sys

os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"
logging.disable(logging.CRITICAL)

from samtranslator.translator.transform import transform  # noqa: E402
from samtranslator.yaml_helper import yaml_parse  # noqa: E402

# "Lambda function versions": a version includes code and settings, and neither of these. SAM writes the release itself
# into the description, and each expansion is of the same code.
NOT_OF_A_VERSION = {"Code", "Description", "Tags", "ReservedConcurrentExecutions"}


class NoManagedPolicies:
    def load(self):
        return {}


NO_VALUE = object()


def evaluate(value, stack, parameters):
    def go(part):
        return evaluate(part, stack, parameters)

    def reference(name):
        if name == "AWS::NoValue":
            return NO_VALUE
        return parameters.get(name, "<" + name + ">")

    if isinstance(value, list):
        return [entry for entry in map(go, value) if entry is not NO_VALUE]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((name, argument),) = value.items()
        if name == "Ref":
            return reference(argument)
        if name == "Condition" and isinstance(argument, str):
            return go(stack["Conditions"][argument])
        if name == "Fn::If":
            return go(argument[1] if go(stack["Conditions"][argument[0]]) else argument[2])
        if name == "Fn::Equals":
            one, other = map(go, argument)
            return str(one) == str(other)
        if name == "Fn::Not":
            return not go(argument[0])
        if name == "Fn::And":
            return all(map(go, argument))
        if name == "Fn::Or":
            return any(map(go, argument))
        if name == "Fn::GetAtt":
            return "<" + ".".join(argument if isinstance(argument, list) else [argument]) + ">"
        if name == "Fn::Join":
            return argument[0].join(str(part) for part in go(argument[1]))
        if name == "Fn::Split":
            return go(argument[1]).split(argument[0])
        if name == "Fn::Select":
            return go(argument[1])[int(argument[0])]
        if name == "Fn::Sub":
            text, own = argument if isinstance(argument, list) else (argument, {})
            return re.sub(
                r"\$\{([^!}]+)\}",
                lambda match: str(go(own[match[1]]) if match[1] in own else reference(match[1])),
                text,
            )
        if name.startswith("Fn::"):
            raise ValueError(name + " is not evaluated here")
    entries = {name: go(entry) for name, entry in value.items()}
    return {name: entry for name, entry in entries.items() if entry is not NO_VALUE}


def expand(case):
    text = case["template"]
    template = json.loads(text) if text.startswith("{") else yaml_parse(text)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # As uploaded by `sam deploy`. Always the same, so that it is the release that makes the version.
            resource["Properties"]["CodeUri"] = "s3://bucket/code"
            if not case["withEvents"]:
                resource["Properties"].pop("Events", None)
        if resource["Type"] == "AWS::Serverless::Api" and not case["withEvents"]:
            resource["Properties"].pop("GatewayResponses", None)
    stack = transform(template, case["parameters"], NoManagedPolicies())
    declared = stack["Parameters"]
    parameters = {name: str(parameter.get("Default", "")) for name, parameter in declared.items()}
    parameters.update(case["parameters"])
    resources = stack["Resources"]
    versions = {
        resource["Properties"]["FunctionName"]["Ref"]: logical_id
        for logical_id, resource in resources.items()
        if resource["Type"] == "AWS::Lambda::Version"
    }
    expanded = {}
    for logical_id, resource in resources.items():
        if resource["Type"] != "AWS::Lambda::Function":
            continue
        settings = evaluate(resource["Properties"], stack, parameters)
        expanded[logical_id] = {
            "version": versions[logical_id],
            "settings": {name: setting for name, setting in settings.items() if name not in NOT_OF_A_VERSION},
        }
    return expanded


json.dump([expand(case) for case in json.load(sys.stdin)], sys.stdout)
