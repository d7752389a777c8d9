"""Where the package lies; importing this makes it importable."""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "clients" / "python"
sys.path.insert(0, str(PACKAGE))
