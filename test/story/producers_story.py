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


def trivy_spdx():
    """Trivy's SPDX: the version without its release, the source package in words."""
    document, packages = spdx(), []
    for i, (n, v, s, sv) in enumerate(PACKAGES):
        epoch, upstream, _ = parts(v)
        purl = f"pkg:deb/debian/{n}@{v.rpartition(':')[2].replace('+', '%2B')}?arch=amd64&distro=debian-12.4" + (f"&epoch={epoch}" if epoch else "")
        packages.append({"SPDXID": f"SPDXRef-Package-{i}", "name": n, "versionInfo": upstream, "downloadLocation": "NONE", "sourceInfo": f"built package from: {s} {sv}",
                         "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}]})
    return {**document, "packages": packages}


def tag_value(document):
    lines = [f"SPDXVersion: {document['spdxVersion']}", "DataLicense: CC0-1.0", "SPDXID: SPDXRef-DOCUMENT", "DocumentName: image",
             f"DocumentNamespace: {document['documentNamespace']}", "Creator: Tool: trivy-0.50", "Created: 2024-05-01T00:00:00Z"]
    for p in document["packages"]:
        lines += ["", f"PackageName: {p['name']}", f"SPDXID: {p['SPDXID']}", f"PackageVersion: {p['versionInfo']}", f"PackageDownloadLocation: {p['downloadLocation']}",
                  f"PackageSourceInfo: {p['sourceInfo']}", f"ExternalRef: PACKAGE-MANAGER purl {p['externalRefs'][0]['referenceLocator']}"]
    return "\n".join(lines) + "\n"


def without_sources():
    """A producer that looked at the binary packages alone."""
    return [{"type": "library", "name": n, "version": v,
             "purl": f"pkg:deb/debian/{n}@{v.replace(':', '%3A').replace('+', '%2B')}?arch=amd64&distro=debian-12"} for n, v, _, _ in PACKAGES]


def verdicts(folder, name, document):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(document if isinstance(document, str) else json.dumps(document))
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
                "trivy": verdicts(folder, "trivy.json", {**head, "components": trivy()}), "spdx": verdicts(folder, "spdx.json", spdx()),
                "trivy's SPDX": verdicts(folder, "trivy.spdx.json", trivy_spdx()), "trivy's tag-value": verdicts(folder, "trivy.spdx", tag_value(trivy_spdx()))}
        bare = verdicts(folder, "bare.json", {**head, "components": without_sources()})
        told = run_json("scan", os.path.join(folder, "bare.json"), "--snapshot", os.path.join(folder, "x.snap"))
    want = {"libssl3": "affected", "libcurl4": "affected", "vim-tiny": "affected", "bash": "affected", "zlib1g": "not-affected"}
    for producer, got in said.items():
        check(got == said["syft"], f"{producer} says {got}\nsyft says {said['syft']}")
    check({n: o[0][1] for n, o in said["syft"].items() if o} == want, f"{said['syft']}")
    # Without source packages the verdicts of equal names stay; every other one says why it is missing.
    check(bare["bash"] == said["syft"]["bash"], f"bash: {bare['bash']}")
    for c in told["components"]:
        if c["name"] not in ("bash", "tzdata"):
            why = [(o["outcome"], o["rule"], o["reason"]) for o in c["outcomes"]]
            check(len(why) == 1 and why[0][:2] == ("not-assessable", "source-unknown") and "names no source packages" in why[0][2], f"{c['name']}: {why}")


REAL = os.path.join(os.environ.get("PROOFLINE_DATA", ""), "")


def story_real_documents_of_one_image_agree():
    """One image in Trivy's three formats, and one program as two tools list it, one of them in three shapes: read from the data folder."""
    images = [os.path.join(REAL, "match/trivy/integration/testdata/fixtures/sbom", f) for f in ("centos-7-cyclonedx.json", "centos-7-spdx.json", "centos-7-spdx.txt")]
    shop = [os.path.join(REAL, "sbom/cyclonedx-examples/SBOM/juice-shop", f) for f in ("v11.1.2/bom.json", "via_npm/bare/bom.1.4.json", "via_npm/flat/bom.1.4.json")]
    if not all(map(os.path.exists, images + shop)):
        return "PROOFLINE_DATA names no folder with the documents"
    data = [{"id": f"OSV-{i}", "modified": "2024-05-01T00:00:00Z", "affected": [{"package": {"ecosystem": eco, "name": name}, "ranges": [
        {"type": "ECOSYSTEM" if eco != "npm" else "SEMVER", "events": [{"introduced": "0"}, {"fixed": fixed}]}]}]} for i, (eco, name, fixed) in enumerate([
            ("npm", "express-jwt", "6.0.0"), ("npm", "sanitize-html", "1.4.3"), ("npm", "jsonwebtoken", "4.2.2"), ("npm", "lodash", "4.17.20"), ("npm", "moment", "2.29.2"),
            ("npm", "minimist", "0.2.1"), ("Debian:12", "bash", "5")])]
    with Folder() as folder:
        with open(os.path.join(folder, "feed.json"), "w", encoding="utf-8") as f:
            json.dump(data, f)
        run("feed", "build", "--out", os.path.join(folder, "x.snap"), os.path.join(folder, "feed.json"))

        def judged(path):
            """What is said of each package URL, with the reason where nothing can be said."""
            report = run_json("scan", path, "--snapshot", os.path.join(folder, "x.snap"))
            return {c["purl"].split("?")[0]: sorted((o["id"], o["outcome"], o["reason"]) for o in c["outcomes"]) for c in report["components"] if c["purl"]}
        said = [judged(path) for path in images]
        check(said[0] == said[1] == said[2] and len(said[0]) == 2, f"the image: {said}")
        check(all(o and o[0][1] == "not-assessable" and "covers" in o[0][2] for o in said[0].values()), f"no silence: {said[0]}")
        said = [judged(path) for path in shop]
        both = set(said[0]) & set(said[1]) & set(said[2])
        differ = {p: [s[p] for s in said] for p in both if not said[0][p] == said[1][p] == said[2][p]}
        check(not differ, f"the program: {differ}")
        affected = {o[0] for p in both for o in said[0][p] if o[1] == "affected"}
        check(len(both) > 300 and len(affected) >= 3, f"{len(both)} packages in all three, affected by {sorted(affected)}")


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
