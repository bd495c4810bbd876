"""Another index is files of data, no code: several items in an element, two scales, both polarities, shared items."""

import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
ITEMS = """questionnaire,order_on_form,item_id,question_id,scale_min,scale_max,polarity,options
coba,1,coba.mudah,Mudah?,1,6,positive,x
coba,2,coba.sulit,Sulit?,1,6,negative,x
coba,3,coba.lama,Lama?,1,4,negative,x
"""
FORM = """
[[forms]]
id = "coba"
version = 1
number = 99
parts = ["coba", "ipkp"]
"""
INDEX = """
code = "coba"
title = "Indeks Coba"
factor = 1
[[conversions]]
name = "linear"
scales = [{ from = 1, to = 6, slope = "4/6", intercept = "0" }]
[[conversions]]
name = "affine"
scales = [{ from = 1, to = 6, slope = "3/5", intercept = "2/5" }]
[[elements]]
code = "kemudahan"
name = "Kemudahan"
weight = "1/2"
items = ["coba.mudah", "coba.sulit", "coba.lama"]
[[elements]]
code = "waktu"
name = "Waktu"
weight = "1/2"
items = ["ipkp.waktu"]
"""
GENERIC = ("tests/fold", "tests/rules/test_perception.py", "tests/rules/test_usual.py", "tests/rules/test_index.py")


def test_all_properties_hold_for_an_index_that_is_only_data(tmp_path: Path) -> None:
    for folder in ("ikm", "tests/fold", "tests/rules", "producers", "runtime"):
        shutil.copytree(PROJECT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    (tmp_path / "ikm/questionnaires/coba.csv").write_text(ITEMS)
    (tmp_path / "ikm/indices/coba.toml").write_text(INDEX)
    with (tmp_path / "ikm/questionnaires/forms.toml").open("a") as forms:
        forms.write(FORM)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *GENERIC]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    asked = "import ikm.index; print(ikm.index.__file__, *ikm.index.INDICES)"
    loaded = subprocess.run([sys.executable, "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert str(tmp_path) in loaded.stdout
    assert "coba" in loaded.stdout
