"""A mirror of advisory sources on loopback, over TLS with a throw-away authority, in the sources' own layout; it can misbehave."""
import datetime
import gzip
import hashlib
import http.server
import io
import json
import os
import re
import ssl
import subprocess
import threading
import time
import zipfile


def make_authority(folder, name="localhost", days=2):
    """ca.pem and a certificate for `name` with its key."""
    def openssl(*args):
        subprocess.run(["openssl", *args], check=True, capture_output=True, cwd=folder)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
            "-days", "2", "-subj", "/CN=throw-away authority")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "host.key", "-out", "host.csr",
            "-subj", f"/CN={name}")
    with open(os.path.join(folder, "host.ext"), "w") as f:
        f.write(f"subjectAltName=DNS:{name}\n")
    openssl("x509", "-req", "-in", "host.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "host.pem",
            "-days", str(days), "-extfile", "host.ext")


class Mirror:
    """paths: path -> bytes, or a function of the handler.  `asked` lists what was asked."""

    def __init__(self, folder, name="localhost"):
        make_authority(folder, name)
        self.paths, self.asked, self.cuts, self.broken = {}, [], {}, {}
        mirror = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                mirror.answer(self)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(folder, "host.pem"), os.path.join(folder, "host.key"))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.ca = os.path.join(folder, "ca.pem")
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def url(self, path=""):
        return f"https://localhost:{self.port}{path}"

    def settings(self):
        return ["--set", f"feed_private_hosts=localhost:{self.port}", "--set", f"feed_ca_file={self.ca}", "--set", "feed_pause_ms=1",
                "--set", "feed_tries=3"]

    def send(self, h, status, body=b"", headers=()):
        h.send_response(status)
        for name, value in headers:
            h.send_header(name, value)
        h.send_header("Content-Length", str(len(body)))
        h.end_headers()
        h.wfile.write(body)

    def answer(self, h):
        path = h.path.split("?")[0]
        self.asked.append(h.path)
        if self.broken.get(path, 0) > 0:                       # so many times 503
            self.broken[path] -= 1
            return self.send(h, 503, b"busy", [("Retry-After", "0")])
        body = self.paths.get(path)
        if callable(body):
            return body(h)
        if body is None:
            return self.send(h, 404, b"no")
        etag = '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
        if h.headers.get("If-None-Match") == etag:
            h.send_response(304)
            h.send_header("ETag", etag)
            h.end_headers()
            return None
        begin, status, headers = 0, 200, [("ETag", etag), ("Accept-Ranges", "bytes")]
        asked = re.match(r"bytes=(\d+)-$", h.headers.get("Range", ""))
        if asked and h.headers.get("If-Range") == etag:
            begin, status = int(asked.group(1)), 206
            headers.append(("Content-Range", f"bytes {begin}-{len(body) - 1}/{len(body)}"))
        h.send_response(status)
        for name, value in headers:
            h.send_header(name, value)
        h.send_header("Content-Length", str(len(body) - begin))
        h.end_headers()
        if self.cuts.get(path, 0) > 0:                         # so many times cut in the middle
            self.cuts[path] -= 1
            h.wfile.write(body[begin:begin + (len(body) - begin) // 2])
            h.wfile.flush()
            h.close_connection = True
            return h.connection.shutdown(2)
        h.wfile.write(body[begin:])
        return None


def today(days=0):
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def osv(name, package, fixed, modified, ecosystem="npm", **more):
    return {"schema_version": "1.6.0", "id": name, "modified": modified,
            "affected": [{"package": {"ecosystem": ecosystem, "name": package},
                          "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": fixed}]}]}], **more}


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, body in files:
            z.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), body)
    return out.getvalue()


def osv_bucket(mirror, ecosystem, records):
    """all.zip, modified_id.csv and single records, as the bucket has them."""
    base = f"/osv/{ecosystem}"
    mirror.paths[f"{base}/all.zip"] = zipped([(r["id"] + ".json", json.dumps(r)) for r in records])
    by_time = sorted(records, key=lambda r: r["modified"], reverse=True)
    mirror.paths[f"{base}/modified_id.csv"] = "".join(f"{r['modified']},{r['id']}\n" for r in by_time).encode()
    for r in records:
        mirror.paths[f"{base}/{r['id']}.json"] = json.dumps(r).encode()


def kev(ids, released=None):
    rows = [{"cveID": i, "vendorProject": "v", "product": "p", "vulnerabilityName": "n", "dateAdded": "2026-01-02", "shortDescription": "s",
             "requiredAction": "a", "dueDate": "2026-01-20", "knownRansomwareCampaignUse": "Unknown"} for i in ids]
    return json.dumps({"title": "KEV", "catalogVersion": "2026.01.02", "dateReleased": released or today(), "count": len(rows),
                       "vulnerabilities": rows}).encode()


def epss(scores, day=None):
    lines = [f"#model_version:v2026.01.01,score_date:{day or today()}", "cve,epss,percentile"]
    return gzip.compress("\n".join(lines + [f"{i},{s},0.5" for i, s in scores]).encode(), mtime=0)


def nvd_record(cve, product, end, modified):
    return {"cve": {"id": cve, "published": "2026-01-01T00:00:00.000", "lastModified": modified[:19] + ".000", "vulnStatus": "Analyzed",
                    "descriptions": [{"lang": "en", "value": "x"}], "metrics": {}, "references": [],
                    "configurations": [{"nodes": [{"operator": "OR", "negate": False, "cpeMatch": [
                        {"vulnerable": True, "criteria": f"cpe:2.3:a:acme:{product}:*:*:*:*:*:*:*:*", "versionEndExcluding": end,
                         "matchCriteriaId": "00000000-0000-0000-0000-000000000000"}]}]}]}}


def nvd_api(mirror, records, path="/nvd"):
    """Pages of 2 records, windows of lastModified as the API has them."""
    def page(h):
        query = dict(p.split("=") for p in h.path.split("?")[1].split("&")) if "?" in h.path else {}
        chosen = records
        if "lastModStartDate" in query:
            lo, hi = query["lastModStartDate"][:19], query["lastModEndDate"][:19]
            chosen = [r for r in records if lo <= r["cve"]["lastModified"][:19] <= hi]
        start = int(query.get("startIndex", 0))
        part = chosen[start:start + 2]
        mirror.send(h, 200, json.dumps({"resultsPerPage": len(part), "startIndex": start, "totalResults": len(chosen), "format": "NVD_CVE",
                                        "version": "2.0", "timestamp": today()[:19] + ".000", "vulnerabilities": part}).encode())
    mirror.paths[path] = page


def cve_record(cve, vendor, product, below, updated, **affected):
    return {"dataType": "CVE_RECORD", "dataVersion": "5.1", "cveMetadata": {"cveId": cve, "state": "PUBLISHED", "dateUpdated": updated},
            "containers": {"cna": {"providerMetadata": {"orgId": "x", "dateUpdated": updated},
                                   "affected": [{"vendor": vendor, "product": product, "defaultStatus": "unaffected",
                                                 "versions": [{"version": "0", "lessThan": below, "status": "affected",
                                                               "versionType": "custom"}], **affected}]}}}


def cve_list(mirror, records, log, base="/cvelist"):
    """The repository's raw files, its archive, and deltaLog.json with `log`: [(fetchTime, [ids])]."""
    files = []
    for r in records:
        name = r["cveMetadata"]["cveId"]
        year, number = name.split("-")[1:]
        place = f"cves/{year}/{number[:-3] or '0'}xxx/{name}.json"
        files.append(("cvelistV5-main/" + place, json.dumps(r)))
        mirror.paths[f"{base}/{place}"] = json.dumps(r).encode()
    mirror.paths[f"{base}.zip"] = zipped(files)
    entry = [{"fetchTime": t, "numberOfChanges": len(ids), "new": [], "updated": [{"cveId": i, "githubLink": "x"} for i in ids], "error": []}
             for t, ids in log]
    mirror.paths[f"{base}/cves/deltaLog.json"] = json.dumps(entry).encode()


def csaf(number, product, below, released, package=None):
    """A vendor's document; with a package URL where the vendor gives one."""
    leaf = {"name": f"{product} <{below}", "product_id": "P1"}
    if package:
        leaf["product_identification_helper"] = {"purl": package}
    return {"document": {"category": "csaf_security_advisory", "csaf_version": "2.0", "title": product,
                         "publisher": {"category": "vendor", "name": "Acme", "namespace": "https://acme.example"},
                         "tracking": {"id": number, "status": "final", "version": "1", "initial_release_date": released,
                                      "current_release_date": released, "revision_history": []}},
            "product_tree": {"branches": [{"category": "vendor", "name": "Acme", "branches": [
                {"category": "product_name", "name": product, "branches": [{"category": "product_version_range", "name": f"<{below}", "product": leaf}]}]}]},
            "vulnerabilities": [{"cve": "CVE-2026-" + number[-4:], "product_status": {"known_affected": ["P1"]}}]}


def csaf_folder(mirror, documents, base="/csaf", hashes=True):
    """Year folders with changes.csv, the .sha256 beside each document, provider-metadata.json and a ROLIE feed that name them."""
    lines, entries = [], []
    for d in sorted(documents, key=lambda d: d["document"]["tracking"]["current_release_date"], reverse=True):
        name, time = d["document"]["tracking"]["id"].lower(), d["document"]["tracking"]["current_release_date"]
        path, body = f"{time[:4]}/{name}.json", json.dumps(d).encode()
        mirror.paths[f"{base}/{path}"] = body
        if hashes:
            mirror.paths[f"{base}/{path}.sha256"] = f"{hashlib.sha256(body).hexdigest()}  {name}.json\n".encode()
        lines.append(f'"{path}","{time}"')
        links = [{"rel": "self", "href": mirror.url(f"{base}/{path}")}]
        entries.append({"id": name, "updated": time, "content": {"type": "application/json", "src": mirror.url(f"{base}/{path}")},
                        "link": links + ([{"rel": "hash", "href": mirror.url(f"{base}/{path}.sha256")}] if hashes else [])})
    mirror.paths[f"{base}/changes.csv"] = ("\n".join(lines) + "\n").encode()
    mirror.paths[f"{base}/feed-white.json"] = json.dumps({"feed": {"id": "feed", "entry": entries}}).encode()
    for name, places in (("folder", {"directory_url": mirror.url(base + "/")}),
                         ("rolie", {"rolie": {"feeds": [{"tlp_label": "WHITE", "url": mirror.url(f"{base}/feed-white.json")},
                                                        {"tlp_label": "AMBER", "url": mirror.url(f"{base}/secret.json")}]}})):
        mirror.paths[f"{base}/{name}/provider-metadata.json"] = json.dumps(
            {"canonical_url": mirror.url(base), "metadata_version": "2.0", "role": "csaf_provider", "distributions": [places]}).encode()


def nvd_files(mirror, by_name, path="/nvd-feeds"):
    """Yearly files and the file of what was modified, each with its .meta."""
    for name, records in by_name.items():
        body = json.dumps({"resultsPerPage": len(records), "startIndex": 0, "totalResults": len(records), "format": "NVD_CVE", "version": "2.0",
                           "timestamp": today()[:19] + ".000", "vulnerabilities": records}).encode()
        mirror.paths[f"{path}/nvdcve-2.0-{name}.json.gz"] = gzip.compress(body, mtime=0)
        mirror.paths[f"{path}/nvdcve-2.0-{name}.meta"] = (f"lastModifiedDate:{today()}\r\nsize:{len(body)}\r\nzipSize:0\r\ngzSize:0\r\n"
                                                          f"sha256:{hashlib.sha256(body).hexdigest().upper()}\r\n").encode()
