"""The package regex as a testee, with the ops of re, whose interface it has."""

import sys

import regex

import regex_ops
from assay_sdk import Adapter

# Its version 0 behaves as re does; version 1 has what re cannot change any more.
BEHAVIOURS = {"V0": regex.V0, "V1": regex.V1}

behaviour = sys.argv[1]
adapter = Adapter("regex " + behaviour, regex.__version__, supports=["regex"])
regex_ops.add_to(adapter, regex, BEHAVIOURS[behaviour])

adapter.run()
