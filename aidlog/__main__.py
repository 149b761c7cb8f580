"""``python -m aidlog`` is the same command as ``aidlog``."""

from aidlog.cli.main import main

main(prog_name="aidlog")
