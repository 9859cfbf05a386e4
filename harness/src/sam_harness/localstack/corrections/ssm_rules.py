"""What Systems Manager refuses of a parameter, by ValueError. Imports nothing foreign.

https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
"""

import re
from collections.abc import Mapping
from typing import Any

_STANDARD = 4096  # octets of a value
_PATH = re.compile(r"[\w.-]+|(/[\w.-]+){1,15}", re.ASCII)


def check_parameter(request: Mapping[str, Any]) -> None:
    """Check what a parameter of Systems Manager is to be."""
    # One that is overwritten may be of the other tier.
    tier = request.get("Tier") or ("" if request.get("Overwrite") else "Standard")
    if tier == "Standard" and len(request["Value"].encode()) > _STANDARD:
        raise ValueError(
            "Standard tier parameters support a maximum parameter value of 4096 "
            "characters. To create a larger parameter value, upgrade the parameter to "
            "use the advanced-parameter tier."
        )
    if not _PATH.fullmatch(request["Name"].strip()):
        raise ValueError(
            "Parameter name must be a fully qualified name. Each of up to 15 sub-paths "
            "can be formed as a mix of letters, numbers and the following 3 symbols .-_"
        )
