"""Checks the sample company in data/sorrel/: ids unique, links and people known, dates readable, the number of rows,
the risk matrix, and that every seeded defect is there.  Usage: sample_check.py DATA_SORREL [MODEL_JSON], where MODEL_JSON
is the output of `proofline model -o json`: then columns, choices and link targets are checked against it, too."""
import csv
import json
import pathlib
import re
import sys

COUNTS = {'threat': 40, 'control': 43, 'test_case': 42, 'flow': 40, 'element': 35, 'zone': 9, 'asset': 16, 'hazard': 10,
          'harm': 8, 'situation': 14, 'security_risk': 20, 'user_need': 8, 'supplier': 10, 'site': 23, 'clock': 4,
          'training': 14 * 11, 'curriculum': 11, 'audit_finding': 4, 'diagram': 5, 'label': 14}
SECURITY_REQUIREMENTS, SYSTEM_REQUIREMENTS, PEOPLE, UNITS, UNITS_OLD = 30, 8, 14, 1840, 310
HEADER = ['id', 'title', 'owner', 'products', 'when', 'steps']
DATE = re.compile(r'^(@[+-]\d+d|\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))$')
STEP = re.compile(r'^([a-z_]+):([a-z-]+)@(\d+)$')
ID = re.compile(r'^[A-Za-z][A-Za-z0-9-]{0,39}$')
problems = []


def wrong(*words):
    problems.append(' '.join(str(w) for w in words))


def rows_of(path):
    with open(path, newline='', encoding='utf-8') as f:
        return list(csv.DictReader(f))


def load(folder):
    records = {}
    for line in (folder / 'load.txt').read_text(encoding='utf-8').splitlines():
        if line and not line.startswith('#'):
            name, kind = line.split()
            for row in rows_of(folder / name):
                if None in row or None in row.values():
                    wrong(name, row.get('id'), 'has another number of cells than the header')
                row['type'] = kind
                if row['id'].lower() in records:
                    wrong(row['id'], 'stands twice')
                records[row['id'].lower()] = row
    return records


def check_header(row, records, logins):
    where = (row['type'], row['id'])
    if not ID.match(row['id']):
        wrong(*where, 'is no well-formed id')
    if not row['title'] or row['owner'] not in logins or not row['when'].isdigit():
        wrong(*where, 'lacks a title, a known owner or a number of days in "when"')
    for product in row['products'].split():
        if records.get(product, {}).get('type') != 'product':
            wrong(*where, 'names the product', product)
    last = int(row['when'])
    for step in row['steps'].split():
        m = STEP.match(step)
        if not m or m.group(2) not in logins or int(m.group(3)) > last:
            wrong(*where, 'step', step, 'is unreadable, of nobody or out of order')
        else:
            last = int(m.group(3))


def check_links(records):
    """A word that looks like an id in a column of links must be one: the columns are those where all words are ids."""
    columns = {}
    for row in records.values():
        for name, text in row.items():
            if name not in HEADER and name not in ('type', 'step_reason') and text:
                columns.setdefault((row['type'], name), []).append((row, text.split()))
    for (kind, name), cells in columns.items():
        known = sum(all(w.lower() in records for w in words) for _, words in cells)
        if known * 2 <= len(cells):
            continue
        for row, words in cells:
            for w in words:
                if w.lower() not in records:
                    wrong(kind, row['id'], name, w, 'does not exist')
                elif int(records[w.lower()]['when']) < int(row['when']):
                    wrong(kind, row['id'], name, w, 'is younger than the record that links to it')


def check_dates(records):
    for row in records.values():
        for name, text in row.items():
            if text and text.startswith('@') and not DATE.match(text):
                wrong(row['type'], row['id'], name, text, 'is no date')


def check_counts(records, folder):
    for kind, n in COUNTS.items():
        got = sum(r['type'] == kind for r in records.values())
        if got != n:
            wrong(kind, got, 'rows instead of', n)
    for kind, n in (('security', SECURITY_REQUIREMENTS), ('system', SYSTEM_REQUIREMENTS)):
        got = sum(r['type'] == 'requirement' and r['kind'] == kind for r in records.values())
        if got != n:
            wrong(kind, 'requirements:', got, 'instead of', n)
    fleet = rows_of(folder / 'fleet.csv')
    old = sum(r['version'] == '1.9.4' for r in fleet)
    if (len(fleet), old, len({r['serial'] for r in fleet})) != (UNITS, UNITS_OLD, UNITS):
        wrong('fleet.csv has', len(fleet), 'units,', old, 'of them old')
    for site in (r for r in records.values() if r['type'] == 'site'):
        if sum(r['site'] == site['id'] for r in fleet) != int(site['units']):
            wrong(site['id'], 'has another number of units than fleet.csv')


def check_risks(records):
    cells = {}
    for line in records['mtx-1']['cells'].splitlines():
        e, levels = line.split(':')
        for i, level in enumerate(levels.split()):
            cells[e, f's{i + 1}'] = level
    for r in (r for r in records.values() if r['type'] == 'security_risk'):
        if cells[r['exploitability'], r['severity']] != r['level']:
            wrong(r['id'], 'level before is not what the matrix gives')
        if cells[r['exploitability_after'], r['severity_after']] != r['level_after']:
            wrong(r['id'], 'residual level is not what the matrix gives')
    for r in (r for r in records.values() if r['type'] == 'residual_risk'):
        if cells[r['exploitability'], r['severity']] != r['level']:
            wrong(r['id'], 'level is not what the matrix gives')


def runs_of(records, test, release):
    return [r for r in records.values() if r['type'] == 'test_run' and r['executes'] == test and r['on'] == release]


def check_seeds(records):
    """The seeded defects of the records; a sample without them would show an empty list of gaps."""
    def latest(test, release):
        runs = runs_of(records, test, release)
        return min(runs, key=lambda r: int(r['when']))['result'] if runs else None
    below = {r['id'] for r in records.values() if r['type'] == 'security_risk'
             and any(records[t.lower()].get('severity', '') > r['severity'] for t in r['assesses'].split())}
    seeds = {
        'TC-002 finding without disposition': not records['fnd-0001'].get('disposition'),
        'TC-005 fails on 2.0.3': latest('TC-005', 'REL-203') == 'fail' and latest('TC-005', 'REL-210') == 'pass',
        'TC-022 stale': not runs_of(records, 'TC-022', 'REL-210') and runs_of(records, 'TC-022', 'REL-GW-171'),
        'TC-036 over its limit': latest('TC-036', 'REL-210') == 'fail',
        'TC-042 missing': not [r for r in records.values() if r['type'] == 'test_run' and r['executes'] == 'TC-042'],
        'SUP-2 support ends early': records['sup-2']['support_end'] < records['sorrel-p1']['support_end'],
        'SUP-8 audit overdue': records['sup-8']['audit_due'].startswith('@-'),
        'SUP-3 certificate near its end': records['cert-1']['valid_until'] == '@+41d',
        'SOP-08 review overdue': records['sop-08']['review_due'].startswith('@-'),
        'R-12 and R-13 below a cause': below == {'R-12', 'R-13'},
        'PLN-SEC-210 in review': records['pln-sec-210']['steps'].count(':') == 1,
        'F20 without authentication': [r['id'] for r in records.values() if r['type'] == 'flow' and not r['authentication']] == ['F20'],
        'Ali Haddad overdue': [r['trainee'] for r in records.values() if r['type'] == 'training' and not r['trained_on']] == ['ali'],
        'one document past its review': sum(r['type'] == 'document' and r['review_due'].startswith('@-') for r in records.values()) == 1,
    }
    for words, there in seeds.items():
        if not there:
            wrong('seeded defect is not there as told:', words)


def check_chains(records):
    """Apart from the seeds every threat has control, requirement, test and a passing run."""
    verifies = {}
    for t in (r for r in records.values() if r['type'] == 'test_case'):
        for target in t['verifies'].split():
            verifies.setdefault(target, []).append(t['id'])
    for r in records.values():
        if r['type'] == 'threat':
            if not r['mitigated_by'] or not r['targets'] or not r['leads_to']:
                wrong(r['id'], 'is not complete')
            for c in r['mitigated_by'].split():
                control = records.get(c.lower())
                if not control or not control['implements'] or c not in verifies or control['implements'] not in verifies:
                    wrong(r['id'], 'chain breaks at', c)


def check_model(records, model, folder):
    types = {t['name']: t for t in model['types']}
    for row in records.values():
        t = types.get(row['type'])
        if not t:
            wrong('no record type', row['type'])
            continue
        fields = {f['name']: f for f in t['fields'] + t.get('links', [])}
        for name, text in row.items():
            f = fields.get(name)
            if name in HEADER or name in ('type', 'step_reason') or not text:
                continue
            if not f:
                wrong(row['type'], 'has no field', name)
            elif f.get('choices'):
                for word in text.split(' | '):
                    if word not in f['choices']:
                        wrong(row['type'], row['id'], name, word, 'is no choice')


def main():
    folder = pathlib.Path(sys.argv[1])
    people = rows_of(folder / 'people.csv')
    logins = {p['login'] for p in people}
    if len(people) != PEOPLE:
        wrong(len(people), 'people instead of', PEOPLE)
    for duty in rows_of(folder / 'duties.csv'):
        if duty['login'] not in logins or duty['deputy'] not in logins or duty['login'] == duty['deputy']:
            wrong('duty', duty['duty'], 'names nobody or the same person twice')
    records = load(folder)
    for row in records.values():
        check_header(row, records, logins)
    check_links(records)
    check_dates(records)
    check_counts(records, folder)
    check_risks(records)
    check_seeds(records)
    check_chains(records)
    if len(sys.argv) > 2:
        check_model(records, json.loads(pathlib.Path(sys.argv[2]).read_text(encoding='utf-8')), folder)
    for p in problems:
        print(p)
    print(f'{len(records)} records, {len(problems)} problems')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
