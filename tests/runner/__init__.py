# SPDX-License-Identifier: GPL-2.0
"""The test runner: guests from Debian packages, booted on hvhost."""
