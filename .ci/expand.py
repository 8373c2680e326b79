"""Expands a SAM template as CloudFormation's transform does, and says what it counts for against the quotas.

Usage: expand.py <template> <expansion> [<parameters>]. The parameters are a JSON object of values that replace defaults.
"""

import json
import logging
import os
import sys

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

# "Understand CloudFormation quotas": resources of a template, and bytes of its body in an S3 object.
MOST_RESOURCES = 500
MOST_BYTES = 1_000_000


class NoManagedPolicies:
    """The template names no managed policy that would have to be looked up in the account."""

    def load(self):
        return {}


def main(template, expansion, parameters=None):
    os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"
    logging.disable(logging.WARNING)
    with open(template) as source:
        text = source.read()
    body = yaml_parse(text)
    for resource in body["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # `sam deploy` uploads the bundle and writes such an address.
            resource["Properties"]["CodeUri"] = "s3://bucket/bundle"
    given = {}
    if parameters is not None:
        with open(parameters) as values:
            given = json.load(values)
    unknown = given.keys() - body.get("Parameters", {}).keys()
    if unknown:
        sys.exit(f"{parameters}: {template} has no parameter {', '.join(sorted(unknown))}")
    expanded = transform(body, given, NoManagedPolicies())
    # The parameters of the expansion have these values as defaults, so that a linter sees them.
    for name, value in given.items():
        default = expanded["Parameters"][name]["Default"]
        expanded["Parameters"][name]["Default"] = type(default)(value)
    result = json.dumps(expanded, indent=1)
    with open(expansion, "w") as target:
        target.write(result)

    resources, size = len(expanded["Resources"]), len(json.dumps(expanded))
    print(f"{template}: {resources} of {MOST_RESOURCES} resources, {size} of {MOST_BYTES} bytes, {len(text.encode())} before expansion")
    if resources > MOST_RESOURCES or max(size, len(text.encode())) > MOST_BYTES:
        sys.exit(f"{template} is over a quota of CloudFormation")


main(*sys.argv[1:])
