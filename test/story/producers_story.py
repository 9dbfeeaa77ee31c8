"""One image described by three producers: the same verdicts, whatever the words in which each names source packages."""
import json
import os

from story import Folder, check, run, run_json

# Debian 12 and AlmaLinux 9, as read from their package databases: binary, version, source, source version.
PACKAGES = [("libssl3", "3.0.11-1~deb12u2", "openssl", "3.0.11-1~deb12u2"), ("libcurl4", "7.88.1-10+deb12u4", "curl", "7.88.1-10+deb12u4"),
            ("vim-tiny", "2:9.0.1378-2", "vim", "2:9.0.1378-2"), ("bash", "5.2.15-2+b7", "bash", "5.2.15-2"),
            ("zlib1g", "1:1.2.13.dfsg-1", "zlib", "1:1.2.13.dfsg-1"), ("tzdata", "2024a-0+deb12u1", "tzdata", "2024a-0+deb12u1")]
FIXED = {"openssl": "3.0.11-1~deb12u3", "curl": "7.88.1-10+deb12u5", "vim": "2:9.0.1378-2+deb12u1", "bash": "5.2.15-2+deb12u1",
         "zlib": "1:1.2.13.dfsg-1"}


def parts(version):
    epoch, _, rest = version.rpartition(":")
    upstream, _, release = rest.rpartition("-")
    return epoch, upstream, release


def syft():
    rows = [{"type": "library", "name": n, "version": v, "cpe": f"cpe:2.3:a:{n}:{n}:{parts(v)[1]}:*:*:*:*:*:*:*",
             "purl": f"pkg:deb/debian/{n}@{v.replace(':', '%3A').replace('+', '%2B')}?arch=amd64&distro=debian-12" +
                     (f"&upstream={s}" if v == sv and s != n else f"&upstream={s}%40{sv.replace(':', '%3A')}" if v != sv else "")}
            for n, v, s, sv in PACKAGES]
    return rows + [{"type": "operating-system", "name": "debian", "version": "12"}]


def trivy():
    rows = []
    for n, v, s, sv in PACKAGES:
        epoch, _, release = parts(v)
        e, up, rel = parts(sv)
        properties = [("PkgType", "debian"), ("SrcName", s), ("SrcVersion", up), ("SrcRelease", rel)] + ([("SrcEpoch", e)] if e else [])
        rows.append({"type": "library", "name": n, "version": v,
                     "purl": f"pkg:deb/debian/{n}@{v.rpartition(':')[2].replace('+', '%2B')}?arch=amd64&distro=debian-12.4" + (f"&epoch={epoch}" if epoch else ""),
                     "properties": [{"name": "aquasecurity:trivy:" + k, "value": x} for k, x in properties]})
    return rows + [{"type": "operating-system", "name": "debian", "version": "12.4"}]


def spdx():
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "image",
            "documentNamespace": "https://example.org/image", "creationInfo": {"created": "2024-05-01T00:00:00Z", "creators": ["Tool: t"]},
            "packages": [{"SPDXID": f"SPDXRef-{i}", "name": n, "versionInfo": v, "downloadLocation": "NOASSERTION", "externalRefs": [
                {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator":
                    f"pkg:deb/debian/{n}@{v.replace(':', '%3A')}?arch=amd64&distro=bookworm&upstream={s}%40{sv.replace(':', '%3A')}"}]}
                for i, (n, v, s, sv) in enumerate(PACKAGES)]}


def verdicts(folder, name, document):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        json.dump(document, f)
    report = run_json("scan", path, "--snapshot", os.path.join(folder, "x.snap"))
    return {c["name"]: sorted((o["id"], o["outcome"]) for o in c["outcomes"]) for c in report["components"] if c["name"] != "debian"}


def story_three_producers_of_one_image_agree():
    advisories = [{"id": f"DSA-{i}", "modified": "2024-05-01T00:00:00Z", "upstream": [f"CVE-2024-{1000 + i}"], "affected": [
        {"package": {"ecosystem": "Debian:12", "name": name}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]}]}
        for i, (name, fixed) in enumerate(sorted(FIXED.items()))]
    with Folder() as folder:
        with open(os.path.join(folder, "feed.json"), "w", encoding="utf-8") as f:
            json.dump(advisories, f)
        run("feed", "build", "--out", os.path.join(folder, "x.snap"), os.path.join(folder, "feed.json"))
        head = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}
        said = {"syft": verdicts(folder, "syft.json", {**head, "components": syft()}),
                "trivy": verdicts(folder, "trivy.json", {**head, "components": trivy()}), "spdx": verdicts(folder, "spdx.json", spdx())}
    want = {"libssl3": "affected", "libcurl4": "affected", "vim-tiny": "affected", "bash": "affected", "zlib1g": "not-affected"}
    for producer, got in said.items():
        check(got == said["syft"], f"{producer} says {got}\nsyft says {said['syft']}")
    check({n: o[0][1] for n, o in said["syft"].items() if o} == want, f"{said['syft']}")


def story_a_source_rpm_names_its_source():
    data = [{"id": "MGASA-1", "modified": "2024-05-01T00:00:00Z", "affected": [{"package": {"ecosystem": "Mageia:9", "name": "bind"}, "ranges": [
        {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9.18.15-2.2.mga9"}]}]}]}]
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
        {"type": "library", "name": "bind-utils", "version": f"9.18.15-2.{n}.mga9",
         "purl": f"pkg:rpm/mageia/bind-utils@9.18.15-2.{n}.mga9?distro=mageia-9&epoch=0&upstream=bind-9.18.15-2.{n}.mga9.src.rpm"} for n in (1, 2)]}
    with Folder() as folder:
        for name, content in (("feed.json", data), ("bom.json", bom)):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                json.dump(content, f)
        run("feed", "build", "--out", os.path.join(folder, "x.snap"), os.path.join(folder, "feed.json"))
        report = run_json("scan", os.path.join(folder, "bom.json"), "--snapshot", os.path.join(folder, "x.snap"))
    got = [[o["outcome"] for o in c["outcomes"]] for c in report["components"]]
    check(got == [["affected"], ["not-affected"]], f"{got}")
