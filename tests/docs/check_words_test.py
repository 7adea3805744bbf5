#!/usr/bin/env python3
"""What scripts/check-words says of this tree, and of texts with a word planted in them.

  check_words_test.py PATH/TO/scripts/check-words
"""

import sys
import unittest

sys.dont_write_bytecode = True
from checked_tree import CheckedTree, run  # noqa: E402


class ThisTree(unittest.TestCase):
    def test_uses_the_words_of_the_field(self):
        self.assertEqual(run(), (0, "", ""))


class CheckWords(CheckedTree):
    def found_in(self, comment):
        self.write("include/it.hpp", f"#pragma once\n\n/// {comment}\n")
        return self.findings()

    def test_each_word(self):
        for comment, word, say in (
                ("The answer is whole.", "answer", "response"), ("Nobody answered.", "answered", "respond"),
                ("Before the next try.", "next try", "attempt"), ("How long all tries took.", "all tries", "attempt"),
                ("Between two questions to the service.", "questions", "poll"),
                ("Rolls back when it is let go.", "let go", "destroyed"),
                ("Letting go of it cancels.", "Letting go of", "destroyed"),
                ("Says what to mend.", "mend", "fix"), ("It names an heir.", "heir", "new owner"),
                ("Each how manieth of them.", "manieth", "every n-th"),
                ("Through restarts and crowds.", "crowds", "out of connections"),
                ("Suspends for want of use.", "for want of", "when idle"),
                ("What a branch is wanted to be.", "is wanted to be", "desired state"),
                ("The longest life that is believed.", "is believed", "upper bound"),
                ("Empty where nobody asked.", "Empty where", "if"), ("Does it where there is none.", "where there is", "if"),
                ("Locks where it can.", "where it can", "if"), ("@throws Error, NotFound where the id is taken", "where", "if"),
                ("Where there is a lock, it waits.", "Where there is", "if")):
            found = self.found_in(comment)
            self.assertTrue(found, comment)
            self.assertIn("include/it.hpp:3: ", found[0])
            self.assertIn(word, found[0])
            self.assertIn(say, found[0])

    def test_what_is_right(self):
        for comment in ("The response, after three attempts.", "Tries to connect.", "A try block.", "try {",
                        "Has a question mark.",
                        "Where to connect.", "Which tables are copied where.", "The place where it can be found.",
                        "The names `answer` and `let_go`.", "It says where it is.", "Recommended.",
                        "@throws Error that leads nowhere"):
            self.assertEqual(self.found_in(comment), [], comment)

    def test_strings_but_no_code(self):
        self.write("src/it.cpp", 'auto question = ask("the answer");  // question mark\n'
                                 'auto sql = "DELETE FROM t WHERE no";\n')
        self.assertEqual(self.findings(), ['src/it.cpp:1: "answer": say response, respond'])

    def test_names_that_say_answer(self):
        self.write("src/it.cpp", 'auto last_answer = ScriptedAnswer{"answer"};  // a response\n')
        self.assertEqual(self.findings(), ["src/it.cpp:1: the name last_answer: say response, respond"])

    def test_no_literals_of_one_word(self):
        self.write("src/it.cpp", 'field("heir", &Record::new_owner);\nauto text = "an heir";\n')
        self.assertEqual(self.findings(), ['src/it.cpp:2: "heir": say new owner'])

    def test_documents_but_no_blocks_of_code(self):
        self.write("README.md", "# The answer\n\n```cpp\nauto answer = 1;\n```\n\nA `mend`, and a heir.\n")
        self.write("docs/guide.md", "It answers.\n")
        self.write("docs/adr/0001.md", "It answers.\n")
        self.write("CHANGELOG.md", "It answers.\n")
        self.assertEqual(self.findings(), ['README.md:1: "answer": say response, respond', 'README.md:7: "heir": say new owner',
                                           'docs/guide.md:1: "answers": say response, respond'])


if __name__ == "__main__":
    unittest.main()
