"""An import that is killed while it stores leaves nothing half written, and can be made again."""
import json
import os
import signal
import subprocess
import time

import story
from story import Folder, Server, check, run, run_json

COMPONENTS = 30000
MOST = 8 * COMPONENTS


def write_sbom(path, components):
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
            {"type": "library", "bom-ref": f"r{i}", "name": f"c{i}", "version": "1.0.0", "purl": f"pkg:npm/killed-c{i}@1.0.0"}
            for i in range(components)]}, f)


def stored(data, before):
    """How far the storing of this import is, as (rows, of all), or (0, 0) before it."""
    with open(os.path.join(data, "progress"), "rb") as f:
        said = f.read(32)
    if said == before or len(said) < 32:
        return 0, 0
    return int.from_bytes(said[16:24], "little"), int.from_bytes(said[24:32], "little")


def killed_while_storing(data, path):
    """Imports, stops the process when some rows are stored and some are not, and kills it there; False if it was too fast."""
    with open(os.path.join(data, "progress"), "rb") as f:
        before = f.read(32)
    importing = subprocess.Popen([story.PROGRAM, "-C", data, "--as", "ines", "import", "sbom", path, "--device", "sorrel-p1",
                                  "--reason", "A large one"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while importing.poll() is None and stored(data, before)[0] == 0:
        time.sleep(0.001)
    importing.send_signal(signal.SIGSTOP)
    done, whole = stored(data, before)
    importing.kill()
    importing.wait()
    return 0 < done < whole


def story_a_killed_import_leaves_nothing_half_written():
    with Folder() as folder:
        data, path = os.path.join(folder, "data"), os.path.join(folder, "large.cdx.json")
        with Server("demo", "--port", "0", "--keep", data):
            pass
        listed, components = run("-C", data, "sboms").stdout, COMPONENTS
        write_sbom(path, components)
        while not killed_while_storing(data, path):
            components *= 2
            check(components <= MOST, "the import was never met while it stored")
            write_sbom(path, components)
            listed = run("-C", data, "sboms").stdout
        verified = run("-C", data, "verify", "--all").stdout
        check(" 0 findings" in verified, f"after the kill: {verified[-500:]}")
        check(run("-C", data, "sboms").stdout == listed, "an SBOM that was not imported is listed")
        done = run_json("-C", data, "--as", "ines", "import", "sbom", path, "--device", "sorrel-p1", "--reason", "Again")
        check(done["components"] == components and not done["already"], f"again: {done}")
        verified = run("-C", data, "verify", "--all").stdout
        check(" 0 findings" in verified, f"after the import: {verified[-500:]}")
