/* ecosystem.c - which advisories speak of a package: ecosystems, releases, names on both sides of the match. */
#include "supply/supply.h"
#include "vuln/snap.h"

enum { FOLD_LOWER = 1, FOLD_PYPI = 2, HAS_RELEASES = 4, NAMES_ONLY = 8 };

static const struct EcoRow { Str base; Scheme scheme; unsigned rules; } ecosystems[] = {
#define E(base, scheme, rules) { { base, sizeof base - 1 }, scheme, rules }
  E("AlmaLinux", SCHEME_RPM, HAS_RELEASES),      E("Alpaquita", SCHEME_APK, HAS_RELEASES),
  E("Alpine", SCHEME_APK, HAS_RELEASES),         E("Azure Linux", SCHEME_RPM, HAS_RELEASES),
  E("Arch Linux", SCHEME_ALPM, 0),               /* a word of ours: no database of OSV lists it yet */
  E("BellSoft Hardened Containers", SCHEME_APK, HAS_RELEASES), E("Bioconductor", SCHEME_CRAN, 0),
  E("Bitnami", SCHEME_SEMVER, FOLD_LOWER),       E("Chainguard", SCHEME_APK, 0),
  E("ConanCenter", SCHEME_CONAN, FOLD_LOWER),    E("CRAN", SCHEME_CRAN, 0),
  E("crates.io", SCHEME_CARGO, 0),               E("Debian", SCHEME_DEB, HAS_RELEASES),
  E("Echo", SCHEME_DEB, 0),                      E("GHC", SCHEME_HACKAGE, 0),
  E("GitHub Actions", SCHEME_SEMVER, FOLD_LOWER), E("Go", SCHEME_GOLANG, 0),
  E("Hackage", SCHEME_HACKAGE, 0),               E("Hex", SCHEME_HEX, FOLD_LOWER),
  E("Julia", SCHEME_SEMVER, 0),                  E("Kubernetes", SCHEME_SEMVER, 0),
  E("Mageia", SCHEME_RPM, HAS_RELEASES),         E("Maven", SCHEME_MAVEN, 0),
  E("MinimOS", SCHEME_APK, 0),                   E("npm", SCHEME_NPM, 0),
  E("NuGet", SCHEME_NUGET, FOLD_LOWER),          E("openEuler", SCHEME_RPM, HAS_RELEASES),
  E("openSUSE", SCHEME_RPM, HAS_RELEASES),       E("Packagist", SCHEME_COMPOSER, FOLD_LOWER),
  E("Photon OS", SCHEME_RPM, HAS_RELEASES),      E("Pub", SCHEME_PUB, FOLD_LOWER),
  E("PyPI", SCHEME_PYPI, FOLD_PYPI),             E("Red Hat", SCHEME_RPM, HAS_RELEASES),
  E("Rocky Linux", SCHEME_RPM, HAS_RELEASES),    E("RubyGems", SCHEME_GEM, 0),
  E("SUSE", SCHEME_RPM, HAS_RELEASES),           E("SwiftURL", SCHEME_SEMVER, FOLD_LOWER),
  E("Ubuntu", SCHEME_DEB, HAS_RELEASES),         E("VSCode", SCHEME_SEMVER, FOLD_LOWER),
  E("Wolfi", SCHEME_APK, 0),
  E("generic", SCHEME_GENERIC, NAMES_ONLY),      /* a word of ours for what has no ecosystem: kernel, curl, BusyBox */
#undef E
};

/* By length first: it is asked several times of every package. */
static const struct EcoRow *find(Str base) {
  for (size_t i = 0; i < COUNT(ecosystems); i++)
    if (ecosystems[i].base.n == base.n && str_eq(ecosystems[i].base, base)) return &ecosystems[i];
  return NULL;
}

bool ecosystem_has_releases(Str base) {
  const struct EcoRow *r = find(base);
  return r && (r->rules & HAS_RELEASES);
}

/* Nobody lists everything of this ecosystem: a name that is not listed was not assessed. */
bool ecosystem_names_only(Str base) {
  const struct EcoRow *r = find(base);
  return r && (r->rules & NAMES_ONLY);
}

static Str leading_number(Str s, unsigned parts) {
  size_t n = 0;
  while (n < s.n && (is_digit(s.p[n]) || (s.p[n] == '.' && parts > 1))) if (s.p[n++] == '.') parts--;
  while (n && s.p[n - 1] == '.') n--;
  return str_slice(s, 0, n);
}

/* Code names that purls carry instead of numbers. */
static Str code_name(Str s) {
  static const struct { Str name, number;
  } names[] = {
#define N(a, b) { { a, sizeof a - 1 }, { b, sizeof b - 1 } }
    N("buster", "10"),   N("bullseye", "11"),  N("bookworm", "12"),  N("trixie", "13"),      N("forky", "14"),
    N("stretch", "9"),   N("trusty", "14.04"), N("xenial", "16.04"), N("bionic", "18.04"),   N("focal", "20.04"),
    N("jammy", "22.04"), N("noble", "24.04"),  N("plucky", "25.04"), N("questing", "25.10"),
#undef N
  };
  for (size_t i = 0; i < COUNT(names); i++) if (str_eq(s, names[i].name)) return names[i].number;
  return s;
}

/* Debian 12, Ubuntu 22.04 (LTS is no part of it, Pro is), Alpine 3.19, AlmaLinux 9; others as written. */
static Str release_of(Arena *a, Str base, Str text) {
  if (!text.n) return STR_NONE;
  if (str_eq(base, S("Ubuntu"))) {
    bool pro = str_starts(text, S("Pro:"));
    if (pro) text = str_slice(text, 4, text.n);
    str_cut(text, ':', &text, &(Str){ 0 });
    text = leading_number(code_name(text), 2);
    return pro ? str_fmt(a, "Pro:%.*s", STR(text)) : text;
  }
  if (str_eq(base, S("Alpine"))) {
    if (*text.p == 'v') text = str_slice(text, 1, text.n);
    Str number = leading_number(text, 2);
    return number.n ? number : text;
  }
  if (str_eq(base, S("Red Hat"))) {                       /* enterprise_linux:9::baseos */
    Str product, rest;
    bool named = str_cut(text, ':', &product, &rest);     /* an inventory has the number alone: 9.2 */
    Str major = leading_number(named ? rest : text, 1);
    return major.n && (!named || str_eq(product, S("enterprise_linux"))) ? major : text;
  }
  static const Str majors[] = { { "Debian", 6 }, { "AlmaLinux", 9 }, { "Rocky Linux", 11 }, { "Mageia", 6 } };
  for (size_t i = 0; i < COUNT(majors); i++) {
    if (!str_eq(base, majors[i])) continue;
    Str number = leading_number(code_name(text), 1);
    return number.n ? number : text;
  }
  return text;
}

Ecosystem ecosystem_of(Arena *a, Str text) {
  Ecosystem e = { .scheme = SCHEME_NONE };
  Str release;
  str_cut(text, ':', &e.base, &release);
  const struct EcoRow *r = find(e.base);
  if (r) e.scheme = r->scheme;
  e.release = release_of(a, e.base, release);
  return e;
}

/* PEP 503: runs of . _ - are one hyphen, lower case. */
static Str pep503(Arena *a, Str s) {
  char *p = str_z(a, s);
  size_t n = 0;
  for (size_t i = 0; i < s.n; i++) {
    bool separator = p[i] == '.' || p[i] == '_' || p[i] == '-';
    if (separator && n && p[n - 1] == '-') continue;
    p[n++] = separator ? '-' : (char)(is_alpha(p[i]) ? p[i] | 32 : p[i]);
  }
  return (Str){ p, n };
}

Str ecosystem_name(Arena *a, Str base, Str name) {
  const struct EcoRow *r = find(base);
  if (r && (r->rules & FOLD_PYPI)) return pep503(a, name);
  if (str_eq(base, S("SwiftURL"))) {
    if (str_starts(name, S("https://"))) name = str_slice(name, 8, name.n);
    if (str_ends(name, S(".git"))) name = str_slice(name, 0, name.n - 4);
  }
  return r && (r->rules & FOLD_LOWER) ? str_lower(a, name) : name;
}

/* ---- package URL to identity --------------------------------------------------------------------------- */

/* ns: NULL for any.  sep: what joins namespace and name in the advisories; 0: the name alone.  source: advisories name
 * the source package. */
static const struct PurlRow { const char *type, *ns, *base; char sep; bool source; } purl_rows[] = {
  { "cargo", NULL, "crates.io", 0, false },      { "npm", NULL, "npm", '/', false },
  { "golang", NULL, "Go", '/', false },          { "pypi", NULL, "PyPI", 0, false },
  { "maven", NULL, "Maven", ':', false },        { "nuget", NULL, "NuGet", 0, false },
  { "gem", NULL, "RubyGems", 0, false },         { "composer", NULL, "Packagist", '/', false },
  { "pub", NULL, "Pub", 0, false },              { "cran", NULL, "CRAN", 0, false },
  { "hackage", NULL, "Hackage", 0, false },      { "hex", NULL, "Hex", '/', false },
  { "julia", NULL, "Julia", 0, false },          { "conan", NULL, "ConanCenter", 0, false },
  { "bitnami", NULL, "Bitnami", 0, false },      { "swift", NULL, "SwiftURL", '/', false },
  { "generic", NULL, "generic", '/', false },
  { "opam", NULL, "opam", 0, false },            { "github", NULL, "GitHub Actions", '/', false },
  { "vscode-extension", NULL, "VSCode", '.', false },
  { "deb", "debian", "Debian", 0, true },        { "deb", "ubuntu", "Ubuntu", 0, true },
  { "deb", "echo", "Echo", 0, true },            { "apk", "alpine", "Alpine", 0, true },
  { "alpm", "arch", "Arch Linux", 0, false },    { "alpm", "archlinux", "Arch Linux", 0, false },
  { "apk", "wolfi", "Wolfi", 0, false },         { "apk", "chainguard", "Chainguard", 0, false },
  { "apk", "minimos", "MinimOS", 0, false },     { "apk", "alpaquita", "Alpaquita", 0, true },
  { "apk", "bellsoft-hardened-containers", "BellSoft Hardened Containers", 0, true },
  { "rpm", "redhat", "Red Hat", 0, false },      { "rpm", "centos", "Red Hat", 0, false },
  { "rpm", "centos-stream", "Red Hat", 0, false }, { "rpm", "rocky-linux", "Rocky Linux", 0, false },
  { "rpm", "rocky", "Rocky Linux", 0, false },   { "rpm", "almalinux", "AlmaLinux", 0, false },
  { "rpm", "alma", "AlmaLinux", 0, false },      { "rpm", "openeuler", "openEuler", 0, true },
  { "rpm", "mageia", "Mageia", 0, true },        { "rpm", "azure-linux", "Azure Linux", 0, true },
  { "rpm", "azurelinux", "Azure Linux", 0, true }, { "rpm", "mariner", "Azure Linux", 0, true },
  { "rpm", "photon", "Photon OS", 0, false },    { "rpm", "suse", "SUSE", 0, true },
  { "rpm", "opensuse", "openSUSE", 0, true },
};

static const struct PurlRow *purl_row(const Purl *p) {
  for (size_t i = 0; i < COUNT(purl_rows); i++) {
    const struct PurlRow *r = &purl_rows[i];
    if (str_eq(p->type, str_of(r->type)) && (!r->ns || str_eq(p->ns, str_of(r->ns)))) return r;
  }
  return NULL;
}

/* "debian-12", "alpine-3.19.1", "almalinux-9", "bookworm": what follows the first hyphen, or all of it. */
static Str distro_release(Arena *a, Str base, Str distro) {
  Str head, tail;
  if (str_cut(distro, '-', &head, &tail)) return release_of(a, base, tail);
  return distro.n ? release_of(a, base, distro) : STR_NONE;
}

/* A binary rebuild (+b1) is the same source. */
static Str without_rebuild(Str v) {
  size_t at = str_rfind_char(v, '+');
  bool rebuild = at != SIZE_MAX && at + 2 < v.n && v.p[at + 1] == 'b' && all_digits(str_slice(v, at + 2, v.n));
  return rebuild ? str_slice(v, 0, at) : v;
}

/* bind-9.16.23-5.el9.src.rpm is the version 9.16.23-5.el9 of bind. */
static bool source_rpm(Str file, Str *name, Str *version) {
  if (!str_ends(file, S(".src.rpm"))) return false;
  file = str_slice(file, 0, file.n - 8);
  size_t release = str_rfind_char(file, '-'), at = str_rfind_char(str_slice(file, 0, release), '-');
  if (release == SIZE_MAX || at == SIZE_MAX || !at) return false;
  *name = str_slice(file, 0, at);
  *version = str_slice(file, at + 1, file.n);
  return true;
}

/* What the version of the package says of itself beside it: Debian's epoch; none is 0. */
static Str with_epoch(Arena *a, const Purl *p, Str version) {
  Str epoch = purl_qualifier(p, "epoch");
  bool told = !epoch.n || str_eq(epoch, S("0")) || str_find_char(version, ':') != SIZE_MAX;
  return told || !version.n ? version : str_fmt(a, "%.*s:%.*s", STR(epoch), STR(version));
}

static void source_package(Identity *id, const Purl *p, Str upstream) {
  Str name, version;
  if (purl_qualifier(p, "upstream").n) upstream = purl_qualifier(p, "upstream");
  id->tier = 'B';                                         /* the binary's name taken for the source's is a guess */
  id->source_unknown = str_eq(upstream, S(SBOM_SOURCE_UNKNOWN));
  if (!upstream.n || id->source_unknown) { id->version = without_rebuild(id->version); return; }
  bool versioned = source_rpm(upstream, &name, &version) || str_cut(upstream, '@', &name, &version);
  id->name = name;
  if (versioned && version.n) id->version = version;
  else id->version = without_rebuild(id->version);
}

static Str go_path(Arena *a, Str s) {
  if (str_find_char(s, '!') == SIZE_MAX) return s;
  Buf b = buf_new(a, s.n + 1);
  for (size_t i = 0; i < s.n; i++) {
    bool escaped = s.p[i] == '!' && i + 1 < s.n && is_lower(s.p[i + 1]);
    if (escaped) i++;
    buf_byte(&b, (char)(escaped ? s.p[i] & ~32 : s.p[i]));
  }
  return buf_str(&b);
}

/* The release that a build names: 7 of 1.2-3.el7.centos and of 1.2-3.el7_9.1. */
static Str built_for(Str version) {
  for (size_t at; (at = str_find(version, S(".el"))) != SIZE_MAX;) {
    version = str_slice(version, at + 3, version.n);
    Str number = leading_number(version, 1);
    if (number.n) return number;
  }
  return STR_NONE;
}

/* 1.2-3.el7.centos.1 is Red Hat's 1.2-3.el7.1. */
static Str without_centos(Arena *a, Str v) {
  size_t at = str_find(v, S(".centos"));
  if (at == SIZE_MAX || (at + 7 < v.n && v.p[at + 7] != '.')) return v;
  return str_fmt(a, "%.*s%.*s", STR(str_slice(v, 0, at)), STR(str_slice(v, at + 7, v.n)));
}

/* CentOS Linux, up to 8, rebuilds what Red Hat ships; CentOS Stream is what Red Hat will ship.  An inventory calls
 * Stream 8 as Linux 8: the reason says so. */
static void centos(Arena *a, Identity *id, const Purl *p, Str distro) {
  int64_t major = 0;
  bool stream = str_eq(p->ns, S("centos-stream")) || str_find_nocase(distro, S("stream")) != SIZE_MAX;
  if (!id->release.n) id->release = built_for(id->version);
  bool told = str_int(leading_number(id->release, 1), &major);
  id->tier = 'B';
  if (told) id->release = leading_number(id->release, 1);
  if (stream || major > 8)
    id->apart = S("CentOS Stream is ahead of Red Hat's releases, and Red Hat's advisories do not name its builds");
  else if (!told)
    id->apart = S("The inventory does not say which release of CentOS it is: Linux rebuilds Red Hat's packages, Stream "
                  "is ahead of them");
  else if (str_find(id->version, S(".module")) != SIZE_MAX)
    id->apart = S("CentOS counts its builds of modules otherwise than Red Hat: the versions cannot be compared");
  id->rebuilt = major == 8 ? S("CentOS Linux rebuilds Red Hat's packages; judged against Red Hat's advisory; CentOS "
                               "Stream 8, which inventories call the same, is ahead of it")
                           : S("CentOS Linux rebuilds Red Hat's packages; judged against Red Hat's advisory");
  id->version = without_centos(a, id->version);
}

Identity purl_identity(Arena *a, const Purl *p, Str os_distro, Str upstream) {
  const struct PurlRow *r = purl_row(p);
  Identity id = { .name = p->name, .version = p->version, .scheme = SCHEME_NONE, .tier = 'A' };
  if (!r) return id;
  id.base = str_of(r->base);
  id.scheme = find(id.base) ? find(id.base)->scheme : SCHEME_NONE;
  if (r->sep && p->ns.n) id.name = str_fmt(a, "%.*s%c%.*s", STR(p->ns), r->sep, STR(p->name));
  if (id.scheme == SCHEME_DEB) id.version = with_epoch(a, p, id.version);
  if (r->source) source_package(&id, p, upstream);
  if (ecosystem_names_only(id.base)) id.tier = 'C';       /* the order of its versions is not known either */
  Str distro = purl_qualifier(p, "distro");
  if (!distro.n) distro = os_distro;
  if (ecosystem_has_releases(id.base)) id.release = distro_release(a, id.base, distro);
  if (str_starts(p->ns, S("centos"))) centos(a, &id, p, distro);
  Str epoch = purl_qualifier(p, "epoch");
  if (id.scheme == SCHEME_RPM) id.stream = module_stream(purl_qualifier(p, "rpmmod"));
  if (id.scheme == SCHEME_RPM && id.version.n && str_find_char(id.version, ':') == SIZE_MAX) {
    id.epoch_unknown = !epoch.n;
    if (epoch.n) id.version = str_fmt(a, "%.*s:%.*s", STR(epoch), STR(id.version));
  }
  if (str_eq(id.base, S("Go"))) {
    if (str_eq(id.version, S("(devel)"))) id.version = STR_NONE;   /* built from a working tree */
    id.name = go_path(a, id.name);
    id.walk_up = true;
  }
  if (str_eq(id.base, S("Bitnami"))) { /* 1.2.3-4: the fourth is the packaging, not a pre-release */
    size_t hyphen = str_rfind_char(id.version, '-');
    if (hyphen != SIZE_MAX && all_digits(str_slice(id.version, hyphen + 1, id.version.n)))
      id.version = str_slice(id.version, 0, hyphen);
  }
  id.name = ecosystem_name(a, id.base, id.name);
  return id;
}
