#!/usr/bin/env python3
"""Orders and ranges of versions against the package managers themselves: run.py BUILD [--pairs N] [--seed N] [NAME...]

Random pairs of versions, and random ranges each with a version, are asked of `proofline calc` and of the tool that owns the rules
(dpkg, rpm, pacman's vercmp, Maven, RubyGems, PHP, Python's packaging, node-semver, Go).  A tool that is not installed is said as skipped.  What the
tool refuses counts as refused and is not compared.  NAME: only these rows.  -v prints every difference."""
import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

# ---- the tools: lines "A<TAB>B" in, one of < = > ? out; for ranges "RANGE<TAB>VERSION" in, yes no ? out -----------------------

DEB = r"""while IFS='	' read -r a b; do
  words=$(dpkg --compare-versions "$a" lt "$b" 2>&1)
  if [ $? = 0 ]; then answer='<'; elif dpkg --compare-versions "$a" gt "$b" 2>/dev/null; then answer='>'; else answer='='; fi
  [ -z "$words" ] || answer='?'
  echo "$answer"
done"""

RPM = r"""%{lua:for l in io.lines() do
  local a, b = l:match("^(.-)\t(.*)$")
  local x, y = rpm.ver(a), rpm.ver(b)
  print((not (x and y) and "?" or x < y and "<" or y < x and ">" or "=") .. "\n")
end}"""

# Where one of the two has no release, pacman leaves releases out, which orders nothing: those pairs are not compared.
ALPM = r"""while IFS='	' read -r a b; do
  case $a in *-*) x=1;; *) x=0;; esac
  case $b in *-*) y=1;; *) y=0;; esac
  if [ $x != $y ]; then echo '?'; continue; fi
  case $(vercmp "$a" "$b") in -1) echo '<';; 1) echo '>';; 0) echo '=';; *) echo '?';; esac
done"""

MAVEN = r"""import java.io.*;
import org.apache.maven.artifact.versioning.ComparableVersion;
public class Order {
  public static void main(String[] arg) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    StringBuilder out = new StringBuilder();
    for (String line; (line = in.readLine()) != null; ) {
      String[] v = line.split("\t", -1);
      int d = new ComparableVersion(v[0]).compareTo(new ComparableVersion(v[1]));
      out.append(d < 0 ? "<\n" : d > 0 ? ">\n" : "=\n");
    }
    System.out.print(out);
  }
}"""

GEM = r"""STDIN.each_line do |l|
  a, b = l.chomp.split("\t", -1)
  puts(begin
    %w[= > <][Gem::Version.new(a) <=> Gem::Version.new(b)]
  rescue ArgumentError
    "?"
  end)
end"""

GEM_RANGE = r"""STDIN.each_line do |l|
  r, v = l.chomp.split("\t", -1)
  puts(begin
    Gem::Requirement.new(r.split(",")).satisfied_by?(Gem::Version.new(v)) ? "yes" : "no"
  rescue ArgumentError
    "?"
  end)
end"""

PHP = r"""require "Composer/Semver/autoload.php";
$parser = new Composer\Semver\VersionParser();
while (($l = fgets(STDIN)) !== false) {
  [$a, $b] = explode("\t", rtrim($l, "\n"));
  try { $parser->normalize($a); $parser->normalize($b); }
  catch (UnexpectedValueException $e) { echo "?\n"; continue; }
  echo ["<", "=", ">"][version_compare(preg_replace("/^v/i", "", $a), preg_replace("/^v/i", "", $b)) + 1], "\n";
}"""

COMPOSER = r"""require "Composer/Semver/autoload.php";
while (($l = fgets(STDIN)) !== false) {
  [$r, $v] = explode("\t", rtrim($l, "\n"));
  try { echo Composer\Semver\Semver::satisfies($v, $r) ? "yes\n" : "no\n"; }
  catch (UnexpectedValueException $e) { echo "?\n"; }
}"""

PYPI = r"""import sys
from packaging.version import InvalidVersion, Version
for line in sys.stdin:
    try:
        a, b = map(Version, line.rstrip("\n").split("\t"))
        print("<" if a < b else ">" if a > b else "=")
    except InvalidVersion:
        print("?")"""

PYPI_RANGE = r"""import sys
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version
for line in sys.stdin:
    try:
        r, v = line.rstrip("\n").split("\t")
        print("yes" if SpecifierSet(r).contains(Version(v), prereleases=True) else "no")
    except (InvalidSpecifier, InvalidVersion):
        print("?")"""

NPM = r"""const semver = require(process.env.SEMVER);
for (const l of require("fs").readFileSync(0, "utf8").trimEnd().split("\n")) {
  const [a, b] = l.split("\t");
  try { console.log("<=>"[semver.compare(a, b) + 1]); } catch { console.log("?"); }
}"""

NPM_RANGE = r"""const semver = require(process.env.SEMVER), sides = [false, true];
for (const l of require("fs").readFileSync(0, "utf8").trimEnd().split("\n")) {
  const [r, v] = l.split("\t");
  try {
    const [a, b] = sides.map(includePrerelease => new semver.Range(r, { includePrerelease }).test(v));
    console.log(!semver.valid(v) || a !== b ? "?" : a ? "yes" : "no");   // the option is the caller's, not the range's
  } catch { console.log("?"); }
}"""

GO = r"""package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/semver"
)

func main() {
	in, out := bufio.NewScanner(os.Stdin), bufio.NewWriter(os.Stdout)
	for in.Scan() {
		v := strings.Split(in.Text(), "\t")
		if !semver.IsValid(v[0]) || !semver.IsValid(v[1]) {
			fmt.Fprintln(out, "?")
		} else {
			fmt.Fprintln(out, string("<=>"[semver.Compare(v[0], v[1])+1]))
		}
	}
	out.Flush()
}"""

JARS = ["/usr/share/java/maven-artifact-3.x.jar", "/usr/share/java/maven-artifact.jar"]
SEMVERS = ["/usr/lib/node_modules/npm/node_modules/semver", "/usr/share/nodejs/semver"]


class Missing(Exception):
    pass


def there(paths):
    for path in paths:
        if os.path.exists(path):
            return path
    raise Missing(paths[0])


def ask(lines, *command, **env):
    if not shutil.which(command[0]):
        raise Missing(command[0])
    out = subprocess.run(command, input="".join(line + "\n" for line in lines), capture_output=True, text=True, timeout=3600,
                         env={**os.environ, "LC_ALL": "C", **env})
    answers = out.stdout.rstrip("\n").split("\n")
    if len(answers) != len(lines):
        raise Missing(f"{command[0]}: {len(answers)} answers to {len(lines)} lines, exit {out.returncode}: {out.stderr[-300:]}")
    return answers


def python(code):
    """The distribution's own interpreter holds the distribution's packages."""
    tool = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
    if subprocess.run([tool, "-c", "import packaging"], capture_output=True, check=False).returncode:
        raise Missing("python3-packaging")
    return lambda lines: ask(lines, tool, "-c", code)


def compiled(name, code, build, run, **env):
    def answer(lines):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                f.write(code)
            if not shutil.which(build[0]):
                raise Missing(build[0])
            out = subprocess.run([*build, name], cwd=folder, capture_output=True, text=True, check=False,
                                 env={**os.environ, "HOME": folder, **env})
            if out.returncode:
                raise Missing(f"{build[0]}: {out.stderr[-200:]}")
            return ask(lines, *[word.replace("HERE", folder) for word in run])
    return answer


def maven():
    path = ":".join([there(JARS), "/usr/share/java/commons-lang3.jar"])
    return compiled("Order.java", MAVEN, ["javac", "-cp", path], ["java", "-cp", path + ":HERE", "Order"])


def golang():
    there(["/usr/share/gocode/src/golang.org/x/mod/semver"])
    return compiled("order.go", GO, ["go", "build", "-o", "order"], ["HERE/order"], GO111MODULE="off", GOPATH="/usr/share/gocode")


def node(code):
    path = there(SEMVERS)
    return lambda lines: ask(lines, "node", "-e", code, SEMVER=path)


def shell(*command):
    return lambda lines: ask(lines, *command)


def dpkg():
    if not shutil.which("dpkg"):
        raise Missing("dpkg")
    return shell("sh", "-c", DEB)


def vercmp():
    if not shutil.which("vercmp"):
        raise Missing("vercmp")
    return shell("sh", "-c", ALPM)


def composer(code):
    there(["/usr/share/php/Composer/Semver"])
    return shell("php", "-r", code)


# ---- random versions and ranges --------------------------------------------------------------------------------------------

NUMBERS = ["0", "1", "2", "3", "9", "10", "00", "01", "010", "20240102", "99999999999999999999"]

# per scheme: separators, words
PIECES = {
    "deb": ([".", ".", "-", "~", "+", ""], ["a", "b", "rc", "dfsg", "ubuntu", "deb", "Z", "~~", "+b", "really", "g"]),
    "rpm": ([".", ".", "-", "~", "^", "_", "+", ""], ["a", "rc", "el", "fc", "b", "Z", "git", "~rc", "^git"]),
    "alpm": ([".", ".", ".", "_", "+", "-", "~", "", ":"], ["a", "rc", "beta", "r", "Z", "git", "pre", ".g1a2b3c", "post"]),
    "maven": ([".", ".", "-", ""], ["a", "alpha", "b", "beta", "m", "milestone", "rc", "cr", "snapshot", "SNAPSHOT", "ga", "final",
                                    "RELEASE", "sp", "jre", "android", "x", "Final", "RC"]),
    "gem": ([".", ".", ".", "-", ""], ["a", "b", "pre", "rc", "beta", "alpha", "Z", "x"]),
    "composer": ([".", ".", "-", "_", "+", ""], ["dev", "alpha", "a", "beta", "b", "RC", "rc", "p", "pl", "patch", "stable", "x", "#"]),
    "pypi": ([".", ".", "-", "_", "", "+"], ["a", "b", "c", "rc", "alpha", "beta", "pre", "preview", "post", "rev", "r", "dev", "1!",
                                             ".dev", ".post", "RC", "local"]),
    "npm": ([".", ".", ".", "-", "+", ""], ["alpha", "beta", "rc", "x", "-0", "a-b", "B", "-rc.1", "-beta"]),
    "golang": ([".", ".", ".", "-", "+"], ["rc", "beta", "incompatible", "0", "pre", "a-b", "20240102030405-abcdef123456"]),
}
# What most versions look like there; N is a number, a part in [ ] may be absent, of {a|b} one is taken.
SHAPES = {
    "alpm": "[N:]N[.N][.N][{_|.|+|}{a|rc|beta|r|git|pre}[{.|}N]]-N[.N]",
    "composer": "[v]N.N[.N][.N][{-|.|_|}{dev|alpha|beta|b|RC|rc|p|pl|patch|stable}[{.|-|}N]][-dev]",
    "npm": "N.N.N[-{alpha|beta|rc|x-y|B}][.N][.{x|0}][+N]",
    "maven": "N[.N][.N][.N][-{a|alpha|b|beta|m|milestone|rc|cr|snapshot|sp|jre|android}[{-|}N][.N]][-{SNAPSHOT|redhat-N|N}]",
    "golang": "vN[.N[.N[-{alpha|rc|N|a-b}][.N][.x]{|+incompatible|+N}]]",
    "gem": "N[.N][.N][.N][.{a|b|pre|rc}][N][.{x|N}][-{N|x}]",
    "pypi": "[N!]N[.N][.N][{a|b|rc|.alpha|-beta_|preview}N][{.post|-|_rev|.r}N][.devN][+{N|local|N.x|x-N}]",
}
# Numbers that the tools refuse (zeros in front) or cut off (more than 64 bits) are left out.
PLAIN = {"golang": NUMBERS[:6] + NUMBERS[-2:], "npm": NUMBERS[:6] + NUMBERS[-2:-1], "composer": NUMBERS[:-1]}


def number(rng, scheme):
    return rng.choice(PLAIN.get(scheme, NUMBERS))


def filled(rng, scheme, shape):
    """The innermost choices first."""
    while True:
        found = re.search(r"\[([^][{}]*)\]|\{([^][{}]*)\}", shape)
        if not found:
            return re.sub("N", lambda _: number(rng, scheme), shape)
        part = rng.choice([found[1], ""]) if found[2] is None else rng.choice(found[2].split("|"))
        shape = shape[:found.start()] + part + shape[found.end():]


def tail(rng, scheme, most):
    separators, words = PIECES[scheme]
    out = ""
    for _ in range(rng.randint(0, most)):
        out += rng.choice(separators) + (number(rng, scheme) if rng.random() < 0.55 else rng.choice(words))
    return out


def version(rng, scheme):
    if scheme in SHAPES and rng.random() < 0.9:
        return filled(rng, scheme, SHAPES[scheme])
    return number(rng, scheme) + tail(rng, scheme, 5)


def changed(rng, scheme, v):
    """A version near another one: those are where orders differ."""
    at = rng.randrange(len(v) + 1)
    how = rng.randrange(5)
    if how == 0:
        return v + tail(rng, scheme, 1)
    if how == 1:
        return v[:at] + tail(rng, scheme, 1) + v[at:]
    if how == 2:
        return v[:at] or v
    if how == 3:
        return v[:at] + rng.choice(PIECES[scheme][0]) + v[at + 1:] or v
    return re.sub(r"\d+", lambda _: number(rng, scheme), v, count=1)


def pair(rng, scheme):
    a = version(rng, scheme)
    return a, changed(rng, scheme, a) if rng.random() < 0.6 else version(rng, scheme)


def short(rng, scheme):
    words = {"npm": ["-0", "-rc.1", "-beta"], "gem": [".a", ".rc1", "-x"], "pypi": ["a1", "rc1", ".post1", ".dev0", ".post1.dev2"],
             "composer": ["-dev", "-alpha1", "-beta2", "-RC1", "-p1", "-stable"]}[scheme]
    n = rng.randint(1, 4 if scheme != "npm" else 3)
    v = ".".join(rng.choice("0012310") for _ in range(n))
    full = scheme != "npm" or n == 3
    return v + (rng.choice(words) if full and rng.random() < 0.3 else "")


def comparator(rng, scheme):
    operators = {"npm": ["", "=", ">", ">=", "<", "<=", "~", "^", "~>"], "gem": ["=", "!=", ">", ">=", "<", "<=", "~>", ""],
                 "pypi": ["==", "!=", ">", ">=", "<", "<=", "~="], "composer": ["", "=", "!=", ">", ">=", "<", "<=", "~", "^", "<>", "=="]}
    op, v = rng.choice(operators[scheme]), short(rng, scheme)
    if rng.random() < 0.2 and scheme in ("npm", "composer", "pypi") and re.fullmatch(r"[\d.]+", v):
        wild = {"npm": ["x", "X", "*"], "composer": ["*", "x"], "pypi": ["*"]}[scheme]
        if scheme != "npm" or v.count(".") < 2:
            v += "." + rng.choice(wild)
            op = rng.choice(["", "==", "!="]) if scheme == "pypi" else rng.choice(["", op]) if scheme == "npm" else ""
            op = op or ("==" if scheme == "pypi" else "")
    return op + rng.choice(["", "", " "] if op else [""]) + v


def range_and_version(rng, scheme):
    joint = {"npm": [" "], "gem": [", "], "pypi": [","], "composer": [",", " "]}[scheme]
    parts = []
    for _ in range(rng.choice([1, 1, 1, 2]) if scheme in ("npm", "composer") else 1):
        if scheme in ("npm", "composer") and rng.random() < 0.1:
            parts.append(f"{short(rng, scheme)} - {short(rng, scheme)}")
        else:
            parts.append(rng.choice(joint).join(comparator(rng, scheme) for _ in range(rng.choice([1, 1, 2, 3]))))
    v = short(rng, scheme)
    if scheme == "npm":
        v = re.sub(r"^(\d+)(\.\d+)?$", lambda m: m.group(1) + (m.group(2) or ".0") + ".0", v)
    return " || ".join(parts), v


# ---- rows ------------------------------------------------------------------------------------------------------------------

ORDERS = {
    "deb": dpkg,
    "rpm": lambda: shell("rpm", "--eval", RPM),
    "alpm": vercmp,
    "maven": maven,
    "gem": lambda: shell("ruby", "-e", GEM),
    "composer": lambda: composer(PHP),
    "pypi": lambda: python(PYPI),
    "npm": lambda: node(NPM),
    "golang": golang,
}
RANGES = {
    "npm": lambda: node(NPM_RANGE),
    "gem": lambda: shell("ruby", "-e", GEM_RANGE),
    "pypi": lambda: python(PYPI_RANGE),
    "composer": lambda: composer(COMPOSER),
}


# Differences that are understood, by what one of the two holds; counted apart.
REVIEWED = {
    "order:alpm": [(r"[^0-9a-z\t](-|\t|$)", "of separators at an end pacman's answers run in a circle: git1 < git.a < git. < git1")],
    "order:maven": [
        (r"\.[a-z]", "Maven 3.8.7 takes the dot before a word for a hyphen, but not where another separator follows; here it is a dot, as in "
                     "the published order of Maven's POM reference, in the versions before and in the vectors of OSV"),
        (r"(^|\D)0+(?=[a-z-])|(^|[^a-z])(ga|final|release)(?=[0-9-])|(^|[.-])-|[.-](\t|$)", "Maven does not drop every null value before a hyphen, so that 1-ga-1 "
                     "is not 1-1; by the published order, and by a vector of OSV, it is"),
    ],
    "order:composer": [(r"[^0-9a-z](\t|$)", "version_compare() makes an empty part of a separator at the end")],
    "range:composer": [(r" - .*\|\||\|\|.* - ", "Composer joins an interval that ends before it starts to the one before it")],
    "range:pypi": [(r"(^|,)\s*[<>][^=].*post|(^|,)\s*>[^=].*\t.*post", "of an exclusive bound the post-releases and pre-releases of the same "
                     "numbers are left out by Python; no version stands at that end, so more is held, never less")],
}


def reviewed(name, line):
    return any(re.search(pattern, line, re.I) for pattern, _ in REVIEWED.get(name, []))


def calc(program, *args):
    return lambda lines: ask(lines, program, "calc", *args)


def held(program, scheme, lines):
    """The range as vers, then whether that holds the version."""
    ranges = calc(program, "vers", scheme)([line.split("\t")[0] for line in lines])
    asked = [r + "\t" + line.split("\t")[1] for r, line in zip(ranges, lines)]
    return [a[:1] if a.startswith("?") or r.startswith("?") else a
            for r, a in zip(ranges, calc(program, "vers")([a if not a.startswith("?") else "?\t?" for a in asked]))]


def compared(name, lines, ours, theirs, verbose):
    wrong = refused = shy = known = 0
    for line, mine, his in zip(lines, ours, theirs):
        if his == "?":
            refused += 1
        elif mine == "?":
            shy += 1
            if verbose:
                print("   ", line.replace("\t", "  "), "refused; the tool says", his)
        elif mine != his and reviewed(name, line):
            known += 1
        elif mine != his:
            wrong += 1
            if wrong <= 10 or verbose:
                print("   ", line.replace("\t", "  "), "said", mine, "the tool says", his)
    print(f"{name}: {len(lines)} asked, {len(lines) - refused - shy - known - wrong} the same, {refused} refused by the tool, "
          f"{shy} by us alone, {known} reviewed, {wrong} differ", flush=True)
    return wrong


def main():
    ask_for = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    ask_for.add_argument("build")
    ask_for.add_argument("names", nargs="*")
    ask_for.add_argument("--pairs", type=int, default=30000)
    ask_for.add_argument("--seed", type=int, default=1)
    ask_for.add_argument("-v", dest="verbose", action="store_true")
    a = ask_for.parse_intermixed_args()
    program, wrong = os.path.join(a.build, "src/app/proofline"), 0
    for kind, table in (("order", ORDERS), ("range", RANGES)):
        for scheme, tool in table.items():
            name = f"{kind}:{scheme}"
            if a.names and name not in a.names and scheme not in a.names:
                continue
            rng = random.Random(f"{a.seed} {name}")
            draw = pair if kind == "order" else range_and_version
            lines = ["\t".join(draw(rng, scheme)) for _ in range(a.pairs)]
            try:
                theirs = tool()(lines)
            except Missing as e:
                print(f"{name}: skipped: {e}", flush=True)
                continue
            ours = calc(program, "version", scheme)(lines) if kind == "order" else held(program, scheme, lines)
            wrong += compared(name, lines, ours, theirs, a.verbose)
    return 1 if wrong else 0


sys.exit(main())
