"""An import that is killed while it stores leaves nothing half written, and can be made again."""
import json
import os
import signal
import subprocess
import time

import story
from story import Folder, Server, Visitor, check, run, run_json

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


def killed_while_storing(data, path, writer=None):
    """Imports, stops the process that writes when some rows are stored and some are not, and kills it there.  Gives what the
    import answered and its words, or None if it was too fast.  The one that writes: a server's writer, or the import itself."""
    with open(os.path.join(data, "progress"), "rb") as f:
        before = f.read(32)
    importing = subprocess.Popen([story.PROGRAM, "-C", data, "--as", "ines", "import", "sbom", path, "--device", "sorrel-p1",
                                  "--reason", "A large one"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while importing.poll() is None and stored(data, before)[0] == 0:
        time.sleep(0.001)
    victim = writer or importing.pid
    if importing.poll() is None:
        os.kill(victim, signal.SIGSTOP)
    done, whole = stored(data, before)
    if importing.poll() is None:
        os.kill(victim, signal.SIGKILL if writer is None or done < whole else signal.SIGCONT)
    words = importing.communicate(timeout=60)[1]
    return (importing.returncode, words) if 0 < done < whole else None


def kill_one(data, path, writer=None):
    """Kills an import in the middle: gives how large it was, the list of SBOMs before it, and what it answered."""
    components = COMPONENTS
    while components <= MOST:
        write_sbom(path, components)
        listed = run("-C", data, "sboms").stdout
        killed = killed_while_storing(data, path, writer)
        if killed:
            return components, listed, killed
        components *= 2
    check(False, "the import was never met while it stored")


def check_clean(data, when):
    verified = run("-C", data, "verify", "--all").stdout
    check(" 0 findings" in verified, f"{when}: {verified[-500:]}")


def check_again(data, path, components, listed):
    check(run("-C", data, "sboms").stdout == listed, "an SBOM that was not imported is listed")
    done = run_json("-C", data, "--as", "ines", "import", "sbom", path, "--device", "sorrel-p1", "--reason", "Again")
    check(done["components"] == components and not done["already"], f"again: {done}")
    check_clean(data, "after the import")


def story_a_killed_import_leaves_nothing_half_written():
    with Folder() as folder:
        data, path = os.path.join(folder, "data"), os.path.join(folder, "large.cdx.json")
        with Server("demo", "--port", "0", "--keep", data):
            pass
        components, listed, _ = kill_one(data, path)
        check_clean(data, "after the kill")
        check_again(data, path, components, listed)


def story_a_server_outlives_its_writer_killed_in_an_import():
    with Folder() as folder:
        data, path = os.path.join(folder, "data"), os.path.join(folder, "large.cdx.json")
        with Server("demo", "--port", "0", "--keep", data) as server:
            ines = Visitor(server).sign_in("ines")
            with open(os.path.join(data, "proofline.lock"), encoding="ascii") as f:
                writer = int(f.read())
            components, listed, (code, words) = kill_one(data, path, writer)
            check(code != 0 and "whether this change was stored is not known" in words, f"{code} {words[-500:]}")
            for page in ("/", "/d/sorrel-p1/sbom"):
                ines.open(page)
                check(ines.status == 200, f"{page}: {ines.status} after the writer was killed")
            check_again(data, path, components, listed)
        check_clean(data, "after the server")
