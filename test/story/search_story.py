"""Words are found in titles, texts and comments, without letter case and accents, and stand marked on the page."""
from story import Folder, Server, Visitor, check, run, run_json


def story_words_are_found():
    with Folder() as folder:
        with Server("demo", "--port", "0", "--keep", folder) as server:
            for identity, title, text in (("UN-901", "Das GER\u00c4T l\u00e4uft \u00fcber Nacht", "Stra\u00dfe"), ("UN-902", "\u041d\u0430\u0441\u043e\u0441 \u0402 \u00d8resund", "na\u00efve caf\u00e9"),
                                          ("UN-903", "unrelated", "somewhere in the middle of a long text " * 20 + "stands gerat\u0301e and ends")):
                run("-C", folder, "--as", "ines", "new", "user_need", f"title={title}", f"statement={text}", "--id", identity)
            find = lambda *words: {r["id"] for r in run_json("-C", folder, "search", *words)}
            check(find("gerat") == {"UN-901", "UN-903"} and find("Ger\u00e4t") == {"UN-901", "UN-903"}, "accents and case are not folded")
            check(find("strasse") == {"UN-901"} and find("oresund", "\u043d\u0430\u0441\u043e\u0441") == {"UN-902"} and find("cafe", "naive") == {"UN-902"}, "letters of other scripts are not found")
            check(find('"l\u00e4uft uber"') == {"UN-901"} and find('"uber lauft"') == set(), "a phrase is not a phrase")
            check("UN-901" not in find("rat*") and find("ger*", "type:user_need", "id:UN-901") == {"UN-901"}, "word* does not mean where a word begins")
            check("UN-901" in find("acht") and "UN-901" not in find("type:user_need -acht"), "a part of a word, or what is left out")
            visitor = Visitor(server).sign_in("ines")
            visitor.open("/r/UN-903")
            visitor.post("/r/UN-903/comment", {"csrf": visitor.csrf(), "text": "the GER\u00c4T again <b>"})
            visitor.open("/search?q=gerat")
            check("<mark>GER\u00c4T</mark>" in visitor.page and "<mark>gerat\u0301</mark>e" in visitor.page or "<mark>gerat</mark>" in visitor.page, "the words are not marked")
            check("Statement:" in visitor.page and "... " in visitor.page, "the place in a long text is not shown")
            check("Comments" in visitor.page and "again &lt;b&gt;" in visitor.page, "a comment is not found, or not text")
            check({r["id"] for r in run_json("-C", folder, "search", "gerat", "again")} == {"UN-903#1"}, "the command line does not find the comment")
            visitor.open("/search?q=gerat%20type:user_need")
            check("again &lt;b&gt;" not in visitor.page and "UN-901" in visitor.page, "a filter does not leave the comments out")
            visitor.open("/search?q=" + "x" * 9000)
            check(visitor.status in (414, 422, 431, 400), f"a question of 9,000 bytes: {visitor.status}")
