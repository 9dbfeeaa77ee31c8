#!/usr/bin/env python3
"""What template.py refuses, and in which words.  usage: template_test.py FOLDER"""
import os
import subprocess
import sys

REFUSED = [
    ("<p>{{name</p>", "1: {{ without }}"),
    ("\n<p>{{Na me}}</p>", "2: {{Na me}} is no name"),
    ("<p class={{name}}>", "unquoted"),
    ("<p class=a{{name}}>", "unquoted"),
    ("<p class='{{name}}'>", "single-quoted"),
    ("<p {{name}}>", "a value in a tag"),
    ("<{{name}}>", "< begins no tag"),
    ("<!-- {{name}} -->", "a value in a comment"),
    ("<p title=\"{{&name}}\">", "{{&}} in an attribute"),
    ("<script>{{name}}</script>", "a value in <script>"),
    ("<script>\nlet x\n</script>", "<script> with content"),
    ("<script src='/a'>{{?a}}{{/a}}</script>", "a section may stand in text"),
    ("<style>p{}</style>", "<style> is refused"),
    ("<p\n style=\"x\">", "2: style= is refused"),
    ("<p STYLE = x>", "white space after ="),
    ("<p onclick=\"x\">", "onclick= is refused"),
    ("<iframe srcdoc=\"x\">", "srcdoc= is refused"),
    ("{{#rows}}{{a}}", "1: {{#rows}} is not closed"),
    ("{{#rows}}{{a}}{{/row}}", "{{/row}} closes {{#rows}} of line 1"),
    ("{{/rows}}", "{{/rows}} closes nothing that is open"),
    ("{{#rows}}{{a}}{{/rows}}{{rows}}", "rows is used as Str and as rows"),
    ("{{a}}{{&a}}", "a is used as Html and as Str"),
    ("{{#rows}}x{{/rows}}", "use no field"),
    ("{{../a}}", "../ leads out of the page"),
    ("{{?a}}<p title=\"{{/a}}\">", "ends elsewhere in the markup"),
    ("{{?a}}{{:}}<p {{/a}}>", "ends elsewhere in the markup"),
    ("{{#r}}{{:}}{{/r}}", "{{:}} belongs once"),
    ("{{:}}", "{{:}} belongs once"),
    ("{{>nothing}}", "there is no part nothing"),
    ("{{>../etc}}", "there is no part"),
    ("{{>loop}}", "includes itself"),
    ("{{#page}}{{a}}{{/page}}", "two structs would be named BadPage"),
    ("{{#a_b}}{{x}}{{/a_b}}{{#a}}{{y}}{{#b}}{{z}}{{/b}}{{/a}}", "two structs would be named BadAB"),
    ("<p>a < b</p>", "< begins no tag here"),
    ("<p", "ends inside of markup"),
]


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    tool = os.path.join(os.path.dirname(os.path.abspath(__file__)), "template.py")
    page = os.path.join(folder, "bad.html")
    open(os.path.join(folder, "loop.html"), "w").write("{{>loop}}")
    wrong = 0
    for text, words in REFUSED:
        open(page, "w").write(text)
        run = subprocess.run([sys.executable, tool, page, page + ".h", page + ".c"], capture_output=True, text=True)
        if run.returncode == 0 or words not in run.stderr or not run.stderr.startswith(folder):
            wrong += 1
            print(f"{text!r} gives {run.returncode} {run.stderr.strip()!r}, not {words!r}")
    print(f"{len(REFUSED) - wrong} of {len(REFUSED)} refused as expected")
    sys.exit(wrong != 0)


main()
