"""The arithmetic of agreements: share bases and variance steps. Pure: exact fractions in, whole minor units out."""
