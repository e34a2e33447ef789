# SPDX-License-Identifier: GPL-2.0
"""bench: both drivers side by side in one guest, measured in instructions."""
