"""What pyproject.toml cannot say: a wheel carries the shipped cases, which stand beside the package in a checkout."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
SHIPPED = ("case.yaml", "data", "scenarios", "notebooks", "cases")


class WithCases(build_py):
    """Copies the cases into the built package as `tradebalance/shipped`; an editable install reads the checkout."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib, "tradebalance", "shipped")
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for name in SHIPPED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("reports", ".*", "__pycache__"))
            else:
                shutil.copyfile(source, target / name)


setup(cmdclass={"build_py": WithCases})
