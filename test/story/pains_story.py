"""What users of such tools complain of again and again: one test each, named after the thread where it was told."""
import json
import os

from story import Folder, check, run, run_json

OLD, LATER = "2024-01-01T00:00:00Z", "2024-06-01T00:00:00Z"


def osv(id, ecosystem, name, *events, **more):
    """An advisory with one range; "fixed" may be left out."""
    kind = "SEMVER" if ecosystem in ("npm", "Go", "crates.io") else "ECOSYSTEM"
    return {"id": id, "modified": OLD, "affected": [{"package": {"ecosystem": ecosystem, "name": name},
                                                     "ranges": [{"type": kind, "events": list(events)}]}], **more}


def since(introduced, fixed=None):
    return [{"introduced": introduced}] + ([{"fixed": fixed}] if fixed else [])


def nvd(id, *nodes, operator=None):
    return {"cve": {"id": id, "lastModified": "2024-01-01T00:00:00.000", "vulnStatus": "Analyzed",
                    "configurations": [{**({"operator": operator} if operator else {}), "nodes": list(nodes)}]}}


def node(*matches, negate=False):
    return {"operator": "OR", "negate": negate, "cpeMatch": list(matches)}


def cpe(vendor, product, version="*", vulnerable=True, part="a", target="*", **bounds):
    return {"vulnerable": vulnerable, "criteria": f"cpe:2.3:{part}:{vendor}:{product}:{version}:*:*:*:*:{target}:*:*", **bounds}


def judged(advisories, components, sbom=None):
    """Outcomes of each component, by its place, and the counts."""
    with Folder() as folder:
        feed, bom, snap = (os.path.join(folder, n) for n in ("feed.json", "bom.json", "x.snap"))
        with open(feed, "w", encoding="utf-8") as f:
            json.dump(advisories, f)
        with open(bom, "w", encoding="utf-8") as f:
            f.write(sbom or json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
                {"type": "library", "bom-ref": f"r{i}", **c} for i, c in enumerate(components)]}))
        run("feed", "build", "--out", snap, feed)
        report = run_json("scan", bom, "--snapshot", snap)
    return [[(o["id"], o["outcome"], o["rule"]) for o in c["outcomes"]] for c in report["components"]], report


def one(advisories, component):
    return judged(advisories, [component])[0][0]


def purl(text, **more):
    name, _, version = text.split("?")[0].rsplit("/", 1)[-1].partition("@")
    return {"name": name, "version": version, "purl": text, **more}


def named(product, version, vendor="acme", part="a"):
    return {"name": product, "version": version, "cpe": f"cpe:2.3:{part}:{vendor}:{product}:{version}:*:*:*:*:*:*:*"}


# ---- never silent -----------------------------------------------------------------------------------------------------

def story_dependency_track_5884_an_empty_feed_is_no_clean_bill():
    with Folder() as folder:
        snap, bad = os.path.join(folder, "x.snap"), os.path.join(folder, "feed.json")
        for text in ("", "[]", "<html>503</html>", '{"vulnerabilities": []}'):
            with open(bad, "w", encoding="utf-8") as f:
                f.write(text)
            said = run("feed", "build", "--out", snap, bad, code=7)
            check("kept" in said.stderr and not os.path.exists(snap), f"{text!r}: {said.stderr}")


def story_dependency_track_4218_without_identity_is_counted():
    outcomes, report = judged([osv("GHSA-1", "npm", "left", *since("0"))], [{"name": "in-house", "version": "1"}])
    check(outcomes[0][0][1:] == ("not-assessable", "no-identity") and report["counts"]["not_assessable"] == 1, f"{outcomes}")


def story_sbomify_1506_yocto_needs_a_name_that_sources_know():
    data = [nvd("CVE-2024-0001", node(cpe("openssl", "openssl", versionEndExcluding="3.0.12")))]
    check(one(data, purl("pkg:yocto/meta/openssl@3.0.11"))[0][1] == "not-assessable", "a type without an ecosystem is silent")
    got = one(data, purl("pkg:yocto/meta/openssl@3.0.11", cpe="cpe:2.3:a:openssl:openssl:3.0.11:*:*:*:*:*:*:*"))
    check(got == [("CVE-2024-0001", "affected", "range")], f"with a CPE: {got}")


def story_sonic_28406_an_unknown_release_is_not_safe():
    data = [osv("DSA-1", "Debian:12", "curl", *since("0", "7.88.1-10+deb12u5"), upstream=["CVE-2024-0001"])]
    got = one(data, purl("pkg:deb/debian/curl@7.88.1-1?distro=debian-99"))
    check(got[0][1:] == ("not-assessable", "release-not-covered"), f"{got}")


def story_trivy_3341_releases_that_differ_are_uncertain():
    data = [osv("DSA-1", "Debian:11", "curl", *since("0", "7.74.0-1.3+deb11u2"), upstream=["CVE-2024-0001"]),
            osv("DSA-2", "Debian:12", "curl", *since("0", "7.88.1-10"), upstream=["CVE-2024-0001"])]
    data[0]["affected"] += data[1]["affected"]
    got = one(data[:1], purl("pkg:deb/debian/curl@7.80.0-1"))
    check(got[0][1:] == ("uncertain", "distribution-release"), f"{got}")


def story_trivy_a_version_that_no_order_reads_is_uncertain():
    got = one([osv("PYSEC-1", "PyPI", "left", *since("0", "2.0"))], purl("pkg:pypi/left@not.a-version"))
    check(got == [("PYSEC-1", "uncertain", "version-order")], f"{got}")


def story_osv_scanner_an_empty_version_is_not_every_version():
    got = one([osv("GHSA-1", "npm", "left", *since("0"))], {"name": "left", "purl": "pkg:npm/left"})
    check(got[0][1:] == ("not-assessable", "version-unknown"), f"{got}")


def story_osv_schema_an_unknown_ecosystem_counts_by_its_listed_versions():
    data = [{"id": "X-1", "modified": OLD, "affected": [{"package": {"ecosystem": "Marsian", "name": "left"}, "versions": ["1.0"],
                                                         "ranges": [{"type": "ECOSYSTEM", "events": since("0", "2")}]}]},
            osv("GHSA-1", "npm", "left", *since("0", "2.0.0"))]
    with Folder() as folder:
        feed, snap = os.path.join(folder, "feed.json"), os.path.join(folder, "x.snap")
        with open(feed, "w", encoding="utf-8") as f:
            json.dump(data, f)
        check(run_json("feed", "build", "--out", snap, feed)["records"]["OSV"] == 2, "a record of an unknown ecosystem was dropped")


# ---- no false alarm ---------------------------------------------------------------------------------------------------

def story_grype_342_a_name_alone_is_never_affected():
    data = [nvd("CVE-2024-0001", node(cpe("zlib", "zlib", versionEndExcluding="9")))]
    got = one(data, {"name": "zlib", "version": "1.2"})
    check(all(o[1] in ("uncertain", "not-assessable") for o in got), f"{got}")


def story_dependency_check_7237_a_criterion_for_python_says_nothing_of_npm():
    data = [nvd("CVE-2024-0001", node(cpe("acme", "left", target="python", versionEndExcluding="9"))),
            osv("GHSA-9", "npm", "other", *since("0"))]
    got = one(data, purl("pkg:npm/left@1.2.0", cpe="cpe:2.3:a:acme:left:1.2.0:*:*:*:*:*:*:*"))
    check(all(o[1] != "affected" for o in got), f"{got}")


def story_dependency_track_3268_an_entry_without_versions_is_a_question():
    got = one([nvd("CVE-2024-0001", node(cpe("acme", "viewer", "-")))], named("viewer", "1.0"))
    check(got == [("CVE-2024-0001", "uncertain", "unversioned-entry")], f"{got}")


def story_grype_748_a_backport_is_a_fix():
    data = [osv("DSA-1", "Debian:12", "openssl", *since("0", "3.0.11-1~deb12u2"), upstream=["CVE-2024-0001"]),
            nvd("CVE-2024-0001", node(cpe("openssl", "openssl", versionEndExcluding="3.0.12"))),
            nvd("CVE-2024-0002", node(cpe("openssl", "openssl", versionEndExcluding="3.0.12")))]
    openssl = purl("pkg:deb/debian/openssl@3.0.11-1~deb12u2?distro=debian-12", cpe="cpe:2.3:a:openssl:openssl:3.0.11:*:*:*:*:*:*:*")
    got = {o[0]: o[1] for o in one(data, openssl)}
    check(got == {"CVE-2024-0001": "not-affected", "CVE-2024-0002": "not-listed"}, f"{got}")


def story_wazuh_36985_a_version_for_backports_is_older():
    data = [osv("DSA-1", "Debian:12", "nginx", *since("0", "1.22.1-9"), upstream=["CVE-2024-0001"])]
    got = one(data, purl("pkg:deb/debian/nginx@1.22.1-9~bpo11+1?distro=debian-12"))
    check(got[0][1] == "affected", f"{got}")


def story_dependency_track_running_on_is_no_finding_of_its_own():
    data = [nvd("CVE-2024-0001", node(cpe("acme", "pump", "1.4", part="o")), node(cpe("acme", "board", "-", False, "h")), operator="AND")]
    check(one(data, named("pump", "1.4", part="o"))[0][1] == "affected-if", "without its platform")
    check(one(data, named("board", "-", part="h")) == [], "the platform alone")
    both, _ = judged(data, [named("pump", "1.4", part="o"), named("board", "-", part="h")])
    check(both[0][0][1] == "affected" and both[1] == [], f"both in one inventory: {both}")


def story_dependency_track_negated_nodes_count():
    data = [nvd("CVE-2024-0001", node(cpe("acme", "gate", versionStartIncluding="2.0"), negate=True))]
    check(one(data, named("gate", "1.0"))[0][1] == "affected" and one(data, named("gate", "2.1"))[0][1] == "not-affected", "negate")


def story_hyades_478_withdrawn_is_no_alarm():
    data = [osv("GHSA-1", "npm", "left", *since("0"), withdrawn=LATER), osv("GHSA-2", "npm", "other", *since("0"))]
    check(one(data, purl("pkg:npm/left@1.0.0")) == [], "withdrawn")


def story_dependency_track_1994_aliases_are_one_finding():
    data = [osv("GHSA-1", "PyPI", "left", *since("0"), aliases=["CVE-2024-1111"]),
            osv("PYSEC-1", "PyPI", "left", *since("0"), aliases=["CVE-2024-1111", "GHSA-1"])]
    got = one(data, purl("pkg:pypi/left@1.0"))
    check(got == [("CVE-2024-1111", "affected", "range")], f"{got}")


def story_osv_dev_mega_groups_two_cves_stay_two():
    data = [osv("GHSA-1", "npm", "left", *since("0"), aliases=["CVE-2024-1111", "CVE-2024-2222"])]
    check([o[0] for o in one(data, purl("pkg:npm/left@1.0.0"))] == ["CVE-2024-1111", "CVE-2024-2222"], "a bulletin about two")


# ---- nothing missed ---------------------------------------------------------------------------------------------------

def story_grype_1031_an_epoch_that_is_not_told_decides_nothing():
    data = [osv("ALSA-1", "AlmaLinux:9", "bind", *since("0", "32:9.16.23-5"), aliases=["CVE-2024-1111"])]
    base = "pkg:rpm/almalinux/bind@9.16.23-{}?distro=almalinux-9"
    check(one(data, purl(base.format(9)))[0][1:] == ("uncertain", "epoch"), "without epoch")
    check(one(data, purl(base.format(9) + "&epoch=32"))[0][1] == "not-affected", "with its epoch, fixed")
    check(one(data, purl(base.format(4) + "&epoch=32"))[0][1] == "affected", "with its epoch, not fixed")


def story_grype_2554_scoped_names_encoded_or_not():
    data = [osv("GHSA-1", "npm", "@scope/left", *since("0"))]
    for text in ("pkg:npm/%40scope/left@1.0.0", "pkg:npm/@scope/left@1.0.0"):
        check(one(data, purl(text)) == [("GHSA-1", "affected", "range")], text)


def story_dependency_track_2580_an_open_vendor_is_uncertain_not_silent():
    got = one([nvd("CVE-2024-0001", node(cpe("acme", "pump", versionEndExcluding="2")))], named("pump", "1.5", vendor="*"))
    check(got == [("CVE-2024-0001", "uncertain", "subset-identity")], f"{got}")


def story_osv_scalibr_a_git_range_first_hides_nothing():
    data = [osv("GHSA-1", "npm", "left", *since("0", "2.0.0"))]
    data[0]["affected"][0]["ranges"].insert(0, {"type": "GIT", "repo": "https://example.org/left", "events": since("0")})
    check(one(data, purl("pkg:npm/left@1.0.0"))[0][1] == "affected", "the range behind the GIT range")


def story_osv_events_in_any_order_and_ranges_side_by_side():
    data = [osv("GHSA-1", "npm", "left", {"fixed": "2.0.0"}, {"introduced": "3.0.0"}, {"introduced": "0"}, {"fixed": "3.1.0"})]
    want = {"1.9.9": "affected", "2.0.0": "not-affected", "3.0.0": "affected", "3.1.0": "not-affected", "2.0.0-rc.1": "affected"}
    for version, outcome in want.items():
        check(one(data, purl(f"pkg:npm/left@{version}"))[0][1] == outcome, version)


def story_wazuh_23818_ten_is_more_than_nine():
    data = [osv("GHSA-1", "npm", "left", *since("0", "1.10.0"))]
    check(one(data, purl("pkg:npm/left@1.9.0"))[0][1] == "affected" and one(data, purl("pkg:npm/left@1.10.0"))[0][1] == "not-affected", "order")


def story_go_standard_library_with_two_numbers():
    data = [osv("GO-2024-1", "Go", "stdlib", *since("0", "1.19.5"))]
    for version in ("1.19", "go1.19.4", "1.19.4"):
        check(one(data, purl(f"pkg:golang/stdlib@{version}"))[0][1] == "affected", version)


def story_osv_dev_5289_a_vector_with_a_slash_at_its_end():
    data = [osv("GHSA-1", "npm", "left", *since("0"),
                severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/"}])]
    outcome = judged(data, [purl("pkg:npm/left@1.0.0")])[1]["components"][0]["outcomes"][0]
    check(outcome["cvss"] == 9.8, f"{outcome}")


def story_grype_pr_2844_an_update_is_part_of_the_version():
    data = [nvd("CVE-2024-0001", node({"vulnerable": True, "criteria": "cpe:2.3:a:ntp:ntp:4.2.8:p10:*:*:*:*:*:*"}))]
    got = {p: one(data, {"name": "ntp", "version": "4.2.8", "cpe": f"cpe:2.3:a:ntp:ntp:4.2.8:{p}:*:*:*:*:*:*"})[0][1] for p in ("p10", "p11")}
    check(got == {"p10": "affected", "p11": "not-affected"}, f"{got}")


# ---- documents --------------------------------------------------------------------------------------------------------

def story_sbomify_1500_spdx_says_what_cyclonedx_says():
    data, text = [osv("GHSA-1", "npm", "left", *since("0", "2.0.0"))], "pkg:npm/left@1.0.0"
    spdx = json.dumps({"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "x",
                       "documentNamespace": "https://example.org/x", "creationInfo": {"created": OLD, "creators": ["Tool: t"]},
                       "packages": [{"SPDXID": "SPDXRef-a", "name": "left", "versionInfo": "1.0.0", "downloadLocation": "NOASSERTION",
                                     "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                                                       "referenceLocator": text}]}]})
    tags = ("SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: x\n"
            f"DocumentNamespace: https://example.org/x\nCreator: Tool: t\nCreated: {OLD}\nPackageName: left\nSPDXID: SPDXRef-a\n"
            f"PackageVersion: 1.0.0\nPackageDownloadLocation: NOASSERTION\nExternalRef: PACKAGE-MANAGER purl {text}\n")
    xml = ('<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.5" version="1"><components><component type="library">'
           f"<name>left</name><version>1.0.0</version><purl>{text}</purl></component></components></bom>")
    want = one(data, purl(text))
    for kind, document in (("JSON", spdx), ("tag-value", tags), ("XML", xml)):
        check(judged(data, [], sbom=document)[0] == [want], kind)


def story_dependency_track_3522_what_departs_from_its_schema_is_read_and_told():
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.4", "version": 1, "extra": True, "components": [
        {"type": "library", "name": "left", "version": "1", "purl": "pkg:npm/left@1.0.0", "licenses": [{"license": {"id": "Nonsense"}}]}]}
    check(judged([osv("GHSA-1", "npm", "left", *since("0"))], [], sbom=json.dumps(bom))[0][0][0][1] == "affected", "not read")


def story_dependency_track_1905_twenty_thousand_components():
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
        {"type": "library", "name": f"c{i}", "version": "1.0.0", "purl": f"pkg:npm/c{i}@1.0.0"} for i in range(20000)]}
    _, report = judged([osv("GHSA-1", "npm", "c7", *since("0"))], [], sbom=json.dumps(bom))
    check(report["counts"]["components"] == 20000 and report["counts"]["affected"] == 1, f"{report['counts']}")
